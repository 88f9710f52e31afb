using System.Text;
using Runtime.Hardening.Authoring.Explaining;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Tests;

public class ExplanationTests
{
    private static readonly ContainerSpec s_spec = ContainerSpec.Parse(Encoding.UTF8.GetBytes("""
        {"ociVersion":"1.0.2","process":{"user":{"uid":1000,"gid":1000},"args":["x"],"cwd":"/","capabilities":{"bounding":["CAP_KILL","CAP_CHOWN"]}},
         "root":{"path":"rootfs"},"linux":{"namespaces":[{"type":"pid"},{"type":"network"},{"type":"ipc"}]}}
        """));

    [Fact]
    public void TheDecisionIsTheEnginesAndChangesAreItsEdits()
    {
        CompiledSet set = Set("  capabilities: {keep: [KILL]}\n  noNewPrivileges: true");
        Explanation explanation = Explain(set);
        PolicyDecision own = PolicyEngine.Decide(s_spec, FactsReader.Read(s_spec, ""), new HostFacts(), set.Policies, set);
        Assert.Equal(own.Outcome, explanation.Decision.Outcome);
        Assert.NotEmpty(own.Edits.Edits);
        Assert.Equal(own.Edits.Edits.Select(e => (e.Path, e.After)), explanation.Changes.Select(c => (c.Edit.Path, c.Edit.After)));
    }

    [Fact]
    public void AChangeNamesWhereItsValueWasWrittenAndInWhichBase()
    {
        Explanation explanation = Explain(Set("  extends: [restricted]\n  capabilities: {keep: []}"));
        ChangeExplanation capabilities = explanation.Changes.First(c => c.Edit.Path == SpecPath.CapabilitiesBounding);
        Assert.EndsWith("a.yaml:6:24", Assert.Single(capabilities.Places), StringComparison.Ordinal);
        ChangeExplanation privileges = explanation.Changes.Single(c => c.Edit.Path == SpecPath.NoNewPrivileges);
        Assert.EndsWith("(base restricted)", Assert.Single(privileges.Places), StringComparison.Ordinal);
    }

    [Fact]
    public void ABoundNamesWhereItWasWritten()
    {
        ChangeExplanation change = Assert.Single(Explain(Set("  resources: {pidsMax: 5}")).Changes);
        Assert.Equal((SpecPath.PidsLimit, "absent", "5"), (change.Edit.Path, change.Edit.Before, change.Edit.After));
        Assert.EndsWith("a.yaml:5:24", Assert.Single(change.Places), StringComparison.Ordinal);
    }

    [Fact]
    public void APolicyThatDoesNotMatchSaysWhy()
    {
        MatchExplanation match = Assert.Single(Explain(Set("  match: [{namespaces: [web]}, {hostnames: [h]}]\n  noNewPrivileges: true")).Matches);
        Assert.False(match.IsMatch);
        Assert.Equal(["the engine gives no pod namespace", "the engine gives no hostname"], match.Reasons);
    }

    [Fact]
    public void FieldsThatDifferAfterInheritanceAreTheDifference()
    {
        FieldDifference[] differences = [.. SetDifference.Of(Set("  noNewPrivileges: true\n  mode: audit"), Set("  noNewPrivileges: true\n  onError: refuse"))];
        Assert.Equal([new FieldDifference("p", "mode", "\"audit\"", "\"enforce\"")], differences);
    }

    [Fact]
    public void APolicyThatCameOrWentIsADifference()
        => Assert.Contains(new FieldDifference("p", "policy", null, "present"),
            SetDifference.Of(CompiledSet.Of("x", Lint.Clean(Lint.Policy("q", "  noNewPrivileges: true"))), Set("  noNewPrivileges: true")));

    private static Explanation Explain(CompiledSet set) => Explanation.Of(s_spec, FactsReader.Read(s_spec, ""), set, new HostFacts());

    private static CompiledSet Set(string spec) => CompiledSet.Of("x", Lint.Clean(Lint.Header + spec + "\n"));
}
