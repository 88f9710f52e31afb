using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Tests;

public class BetweenPoliciesTests
{
    [Theory]
    [InlineData("", "", LintSeverity.Error)]
    [InlineData("[{namespaces: [web]}]", "[{namespaces: [\"w*\"]}]", LintSeverity.Error)]
    [InlineData("[{namespaces: [web]}]", "[{images: [x]}]", LintSeverity.Error)]
    [InlineData("[{namespaces: [\"a*b\"]}]", "[{namespaces: [\"a*c*\"]}]", LintSeverity.Warning)]
    [InlineData("[{namespaces: [web]}]", "[{namespaces: [db]}]", null)]
    [InlineData("[{namespaces: [\"a-*\"]}]", "[{namespaces: [\"b-*\"]}]", null)]
    [InlineData("[{containers: sandbox}]", "[{containers: workload}]", null)]
    [InlineData("[{privileged: true}]", "[{privileged: false}]", null)]
    [InlineData("[{annotations: {k: a}}]", "[{annotations: {k: b}}]", null)]
    [InlineData("[{namespaces: [web]}, {namespaces: [db]}]", "[{namespaces: [db]}]", LintSeverity.Error)]
    public void DifferentAppArmorProfilesClashWherePoliciesMeet(string first, string second, LintSeverity? expected)
    {
        LintReport report = Lint.Texts(Demand("a", "one", first, ""), Demand("b", "two", second, "")).Report;
        Assert.Equal(expected, report.Findings.FirstOrDefault(f => f.Code == "apparmor-conflict")?.Severity);
    }

    [Fact]
    public void AProfileThatIsNotThereIsNamedWithTheFileThatWasLookedFor()
        => Assert.Contains(Lint.Texts(Demand("a", "one", "", "")).Report.Findings,
            f => f.Code == "unknown-apparmor-profile" && f.Message.Contains("(apparmor/one.yaml, or apparmor/one that others load)", StringComparison.Ordinal)
                && f.Message.Contains("nobody compares the two", StringComparison.Ordinal));

    // The hook puts it in the place of docker-default, as it does with ours, which keep that one's denials.
    [Theory]
    [InlineData("apparmor/hardened-one", "profile hardened-one { file, mount, }", "unchecked-apparmor-profile")]
    [InlineData("apparmor/hardened-one.yaml", "apiVersion: hardening/v1\nkind: AppArmorProfile\nmetadata: {name: hardened-one}\nspec: {files: {read: [/**], map: [/usr/**], execute: [/usr/**]}}\n", null)]
    public void AProfileThatIsTextIsAWarningThatNobodyComparesItWithWhatItReplaces(string file, string text, string? expected)
    {
        using TestFolder folder = new();
        folder.Write("profiles/" + file, text);
        LintReport report = new();
        PolicySet.Load([folder.Write("p.yaml", Demand("a", "hardened-one", "", ""))], new Documents.ProfileFolders([folder["profiles"]]), report);
        Assert.Equal(expected, report.Findings.SingleOrDefault()?.Code);
        Assert.All(report.Findings, f => Assert.Contains("mounts, writes below /proc and /sys, and signals to strangers", f.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void EqualProfilesDoNotClash()
        => Assert.DoesNotContain(Lint.Texts(Demand("a", "one", "", ""), Demand("b", "one", "", "")).Report.Findings, f => f.Code == "apparmor-conflict");

    // 'combine' is about what the engine gave; the hook puts no two demanded profiles together, so lint must not let them pass.
    [Fact]
    public void StackDoesNotLetTwoPoliciesWantDifferentProfiles()
        => Assert.Contains(
            Lint.Texts(Demand("a", "one", "", ", combine: stack"), Demand("b", "two", "", ", combine: stack")).Report.Findings,
            f => f is { Code: "apparmor-conflict", Severity: LintSeverity.Error });

    [Theory]
    [InlineData(", combine: stack", true)]
    [InlineData(", combine: replaceDefault", false)]
    [InlineData("", false)]
    public void StackIsAWarningThatSignalsNeedRulesForTheStackedName(string combine, bool isWarned)
        => Assert.Equal(
            isWarned,
            Lint.Texts(Demand("a", "hardened-restricted", "", combine)).Report.Findings.Any(
                f => f.Code == "apparmor-stack" && f.Message.Contains("signal (send, receive) peer=NAME//&*", StringComparison.Ordinal)));

    [Theory]
    [InlineData("[{engines: [docker], images: [x]}]", "Docker does not tell")]
    [InlineData("[{engines: [podman], images: [x]}]", "Podman does not tell")]
    [InlineData("[{engines: [docker], pods: [x]}]", "Docker does not tell")]
    [InlineData("[{engines: [cri-o], engineNamespaces: [x]}]", "CRI-O does not tell")]
    [InlineData("[{engineNamespaces: [default], pods: [x]}]", "containerd without CRI (ctr, nerdctl)")]
    [InlineData("[{images: [x]}]", "Docker and Podman do not tell")]
    [InlineData("[{namespaces: [n], images: [\"x@sha256:0\"]}]", "digest")]
    public void MatchingOnWhatAnEngineDoesNotTellIsAWarningThatNamesIt(string match, string part)
    {
        LintReport report = Lint.Texts(Lint.Header + $"  noNewPrivileges: true\n  match: {match}\n").Report;
        LintFinding finding = Assert.Single(report.Findings);
        Assert.Equal("engine-gives-no-fact", finding.Code);
        Assert.Contains(part, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{namespaces: [web], images: [x]}]")]
    [InlineData("[{engines: [cri-o], images: [x], names: [y]}]")]
    [InlineData("[{engineNamespaces: [k8s.io], images: [x]}]")]
    [InlineData("[{hostnames: [h], annotations: {a: b}}]")]
    public void MatchingOnWhatTheMeantEnginesTellIsFine(string match)
        => Assert.Empty(Lint.Texts(Lint.Header + $"  noNewPrivileges: true\n  match: {match}\n").Report.Findings);

    [Theory]
    [InlineData("  require: {user: {otherwise: report}}", "'spec.require.user.otherwise' has no effect without 'spec.require.user.nonRoot'")]
    [InlineData("  mode: audit", "asks for nothing")]
    public void WhatHasNoEffectIsAWarning(string spec, string part)
        => Assert.Contains(Lint.Texts(Lint.Header + spec + "\n").Report.Findings, f => f.Code == "no-effect" && f.Message.Contains(part, StringComparison.Ordinal));

    private static string Demand(string name, string profile, string match, string combine)
        => Lint.Policy(name, $"  apparmor: {{profile: {profile}{combine}}}{(match.Length == 0 ? "" : $"\n  match: {match}")}");
}
