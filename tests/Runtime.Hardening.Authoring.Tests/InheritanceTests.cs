using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Tests;

public class InheritanceTests
{
    [Fact]
    public void OwnFieldsWinLeafByLeafAndListsReplaceLists()
    {
        ResolvedPolicy policy = Resolve("  extends: [restricted]\n  require: {user: {otherwise: report}}\n  capabilities: {keep: [KILL]}");
        Assert.Equal("true", policy.Leaves["require.user.nonRoot"].Text);
        Assert.Equal("\"report\"", policy.Leaves["require.user.otherwise"].Text);
        Assert.Equal("[\"CAP_KILL\"]", policy.Leaves["capabilities.keep"].Text);
    }

    [Fact]
    public void ALeafRemembersWhoWroteIt()
    {
        ResolvedPolicy policy = Resolve("  extends: [restricted]\n  seccomp: {profile: runtime-default}");
        Assert.Equal("p", policy.Leaves["seccomp.profile"].Origin);
        Assert.Equal("restricted", policy.Leaves["noNewPrivileges"].Origin);
        Assert.Equal("baseline", policy.Leaves["require.privileged.deny"].Origin);
        Assert.EndsWith("baseline.yaml", policy.Leaves["require.privileged.deny"].Location.File, StringComparison.Ordinal);
    }

    [Fact]
    public void APolicyOfTheSetMayBeABase()
    {
        PolicySet set = Lint.Clean(Lint.Policy("a", "  noNewPrivileges: true\n  match: [{pods: [a]}]"), Lint.Policy("b", "  extends: [a]\n  mode: audit"));
        Assert.Equal("true", set.Policies[1].Leaves["noNewPrivileges"].Text);
        Assert.Equal("[{\"pods\":[\"a\"],\"containers\":\"workload\"}]", set.Policies[1].Leaves["match"].Text);
    }

    [Fact]
    public void BasesThatDisagreeAreAnErrorThatNamesFieldAndBoth()
    {
        LintFinding finding = Assert.Single(Lint.Texts(Two("  extends: [a, b]")).Report.Findings, f => f.Code == "bases-disagree");
        Assert.Contains("'spec.mode': \"audit\"", finding.Message, StringComparison.Ordinal);
        Assert.EndsWith("c.yaml:5:16", finding.Location.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void BasesMayDisagreeOnWhatThePolicySaysItself() => Lint.Clean(Two("  extends: [a, b]\n  mode: enforce"));

    [Fact]
    public void BasesThatSayTheSameDoNotDisagree()
        => Lint.Clean(Lint.Policy("a", "  capabilities: {keep: [KILL]}"), Lint.Policy("b", "  capabilities: {keep: [CAP_KILL]}"), Lint.Policy("c", "  extends: [a, b]"));

    [Fact]
    public void BoundsAreInheritedOneByOneAndComparedAsAmounts()
    {
        PolicySet set = Lint.Clean(
            Lint.Policy("a", "  resources: {memoryMax: 1Gi, pidsMax: 9}"), Lint.Policy("b", "  resources: {memoryMax: 1073741824, cpuMax: 0.5}"),
            Lint.Policy("c", "  extends: [a, b]\n  resources: {pidsMax: 5}"));
        Assert.Equal(
            ["resources.cpuMax 0.5 b", "resources.memoryMax 1073741824 a", "resources.pidsMax 5 c"],
            set.Policies[2].Leaves.Values.Select(leaf => $"{leaf.Path} {leaf.Text} {leaf.Origin}"));
    }

    [Fact]
    public void ACycleIsReportedOnceWithItsSteps()
    {
        LintReport report = Lint.Texts(Lint.Policy("a", "  extends: [b]"), Lint.Policy("b", "  extends: [c]"), Lint.Policy("c", "  extends: [a]")).Report;
        LintFinding finding = Assert.Single(report.Findings, f => f.Code == "extends-cycle");
        Assert.Contains("a -> b -> c -> a", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMistakeInABaseIsReportedInTheBasesFile()
    {
        using TestFolder folder = new();
        folder.Write("profiles/policies/mine.yaml", Lint.Policy("mine", "  mode: wrong"));
        LintReport report = new();
        PolicySet.Load([folder.Write("p.yaml", Lint.Header + "  extends: [mine]\n")], new ProfileFolders([folder["profiles"]]), report);
        Assert.EndsWith("mine.yaml:5:9", Assert.Single(report.Findings, f => f.Severity == LintSeverity.Error).Location.ToString(), StringComparison.Ordinal);
    }

    private static string[] Two(string third) => [Lint.Policy("a", "  mode: audit"), Lint.Policy("b", "  mode: off"), Lint.Policy("c", third)];

    private static ResolvedPolicy Resolve(string spec) => Assert.Single(Lint.Clean(Lint.Header + spec + "\n").Policies);
}
