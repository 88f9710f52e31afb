using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Authoring.Tests.Seccomp;

public class SeccompLintTests
{
    private const string Confused = "conditions-may-be-confused";

    [Fact]
    public void AGoodAllowListHasNoFindings()
        => Assert.Empty(Profile.Lint(Profile.Json(Profile.Rule("socket", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "EQ", 1)}]"), Profile.Rule("socket", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "EQ", 2)}]"))));

    [Fact]
    public void ANameThatNoArchitectureHasIsSaidWithTheOneThatWasMeant()
    {
        LintFinding finding = Assert.Single(Profile.Lint(Profile.Json(Profile.Rule("clock_setime", "SCMP_ACT_KILL"))));
        Assert.Equal(("unknown-syscall", 2), (finding.Code, finding.Location.Line));
        Assert.Contains("the call that is meant stays ERRNO(38). Did you mean 'clock_settime'?", finding.Message, StringComparison.Ordinal);
        Assert.Empty(Profile.Lint(Profile.Json(Profile.Rule("statmount", "SCMP_ACT_ALLOW"), Profile.Rule("socketcall", "SCMP_ACT_ALLOW"))));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    public void AnEntryWithoutANameIsAWarning(string names)
        => Assert.Equal(("empty-rule", LintSeverity.Warning, 2), Assert.Single(Profile.Lint(Profile.Json($"{{\"names\":{names},\"action\":\"SCMP_ACT_LOG\"}}"))) is { } f ? (f.Code, f.Severity, f.Location.Line) : default);

    [Theory]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[]}", "denies-everything")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_KILL\",\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\"}]}", "denies-everything")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]}", "denies-execve")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"execve\"],\"action\":\"SCMP_ACT_ERRNO\"}]}", "denies-execve")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":0}", "errno-zero")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_NOTIFY\",\"listenerPath\":\"/x\"}", "notify-default")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/x\",\"syscalls\":[{\"names\":[\"write\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}", "notify-write")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}", "notify-without-listener")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"//\":[\"accepts clone3-open\"]}", "no-reason")]
    public void WhatStartsNoContainerIsAnError(string json, string code)
        => Assert.Equal(code, Assert.Single(Profile.Lint(json), f => f.Severity == LintSeverity.Error).Code);

    [Fact]
    public void TheFloorIsNamedForEachRuntimeWithAndWithoutNoNewPrivileges()
    {
        string json = $"{{{Profile.Deny},\"syscalls\":[{Profile.Floor("statx", "close_range", "capset", "setresuid", "futex")}]}}";
        LintFinding finding = Assert.Single(Profile.Lint(json), f => f.Code == "below-floor");
        Assert.Contains(
            "runc needs statx; crun needs close_range; runc without noNewPrivileges needs capset; crun without noNewPrivileges needs setresuid; the Go runtime inside runc now and then needs futex.",
            finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AKillAsDefaultNamesWhatCLibrariesTry()
    {
        string json = $"{{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[{Profile.Floor()},{Profile.Rule("clone3", "SCMP_ACT_ERRNO", "\"errnoRet\":38")}]}}";
        LintFinding finding = Assert.Single(Profile.Lint(json));
        Assert.Equal("kill-probes", finding.Code);
        Assert.Contains("fchmodat2, getrandom, prlimit64, rseq, set_robust_list in", finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("clone3", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EpermWhereCLibrariesNeedEnosysIsSaidAtTheRuleOrAtTheDefault()
    {
        string json = $"{{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[{Profile.Floor()},\n{Profile.Rule("clone3", "SCMP_ACT_ERRNO", "\"errnoRet\":13")}]}}";
        IReadOnlyList<LintFinding> findings = Profile.Lint(json);
        Assert.Equal(["needs-enosys", "needs-enosys"], findings.Select(f => f.Code));
        Assert.Contains("fchmodat2 get ERRNO(1) by default", findings[0].Message, StringComparison.Ordinal);
        Assert.Equal((1, 2), (findings[0].Location.Line, findings[1].Location.Line));
        Assert.Contains("'clone3' gets ERRNO(13)", findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A32BitArchitectureAlsoNeedsEnosysForTheCallsOf2038()
        => Assert.Contains("futex_time64", Assert.Single(Profile.Lint(Profile.Json().Replace("SCMP_ARCH_X86_64\"]", "SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"]", StringComparison.Ordinal).Replace("38", "1", StringComparison.Ordinal)), f => f.Code == "needs-enosys").Message, StringComparison.Ordinal);

    [Fact]
    public void Clone3BesideAConditionOnCloneOpensWhatTheConditionCloses()
    {
        string json = $"{{{Profile.Deny},\"syscalls\":[{Profile.Floor("clone")},{Profile.Rule("clone", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "MASKED_EQ", 2114060288)}]")},{Profile.Rule("clone3", "SCMP_ACT_ALLOW")}]}}";
        Assert.Equal("clone3-open", Assert.Single(Profile.Lint(json)).Code);
    }

    [Fact]
    public void WithoutAListOfArchitecturesTheFilterIsForOneOnly()
        => Assert.Equal("no-architectures", Assert.Single(Profile.Lint(Profile.Json().Replace(",\"architectures\":[\"SCMP_ARCH_X86_64\"]", "", StringComparison.Ordinal))).Code);

    [Theory]
    [InlineData("socket", "EQ", 2, "On SCMP_ARCH_X86 socket cannot be held back: libseccomp lets 'socketcall' make them too")]
    [InlineData("setuid32", "", 0, "")]
    public void AConditionOnSocketDoesNotHoldForSocketcall(string name, string op, ulong value, string expected)
    {
        string rule = Profile.Rule(name, "SCMP_ACT_ALLOW", op.Length == 0 ? "" : $"\"args\":[{Profile.Arg(0, op, value)}]");
        LintFinding[] holes = [.. Profile.Lint(With32Bit(Profile.Json(rule))).Where(f => f.Code == "thirty-two-bit-hole")];
        Assert.Equal(expected.Length == 0 ? 0 : 1, holes.Length);
        Assert.All(holes, f => Assert.Contains(expected, f.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A64BitCallThatIsDeniedIsAlsoDeniedUnderIts32BitName()
    {
        string json = With32Bit($"{{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[{Profile.Rule("umount2", "SCMP_ACT_ERRNO")},{Profile.Rule("clock_settime", "SCMP_ACT_ERRNO")}]}}");
        string[] messages = [.. Profile.Lint(json).Where(f => f.Code == "thirty-two-bit-hole").Select(f => f.Message)];
        Assert.Equal(3, messages.Length);
        Assert.Contains(messages, m => m.Contains("'umount' passes and does what 'umount2' does", StringComparison.Ordinal));
        Assert.Contains(messages, m => m.Contains("'clock_settime64' passes", StringComparison.Ordinal));
        Assert.Contains(messages, m => m.Contains("'stime' passes", StringComparison.Ordinal));
        Assert.Empty(Profile.Lint(json.Replace(",\"SCMP_ARCH_X86\"", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void AWideConstantMeansSomethingElseOn32Bits()
    {
        string json = Profile.Json(Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(3, "EQ", 1UL << 40)}]"));
        Assert.Empty(Profile.Lint(json));
        Assert.Contains(Profile.Lint(With32Bit(json)), f => f.Code == "wide-constant");
    }

    [Theory]
    [InlineData("SCMP_ACT_ALLOW", "EQ", 3, "SCMP_ACT_ALLOW", "LE", 5, "rule-dead", 2)]
    [InlineData("SCMP_ACT_ALLOW", "LE", 5, "SCMP_ACT_ALLOW", "EQ", 3, "rule-dead", 3)]
    [InlineData("SCMP_ACT_ALLOW", "EQ", 3, "SCMP_ACT_ALLOW", "EQ", 3, "rule-repeated", 3)]
    [InlineData("SCMP_ACT_ALLOW", "EQ", 3, "SCMP_ACT_KILL", "EQ", 3, "rules-contradict", 3)]
    [InlineData("SCMP_ACT_ALLOW", "GE", 3, "SCMP_ACT_KILL", "EQ", 16, "rules-overlap", 3)]
    [InlineData("SCMP_ACT_ALLOW", "GE", 3, "SCMP_ACT_KILL", "EQ", 2, "", 0)]
    [InlineData("SCMP_ACT_ALLOW", "NE", 3, "SCMP_ACT_KILL", "EQ", 3, "", 0)]
    public void TwoConditionalRulesOfOneCallAreCompared(string first, string op, ulong value, string second, string op2, ulong value2, string code, int line)
    {
        IReadOnlyList<LintFinding> findings = Profile.Lint(Profile.Json(
            Profile.Rule("mount", first, $"\"args\":[{Profile.Arg(2, op, value)}]"), Profile.Rule("mount", second, $"\"args\":[{Profile.Arg(2, op2, value2)}]")));
        Assert.Equal(code.Length == 0 ? [] : [(code, line)], findings.Where(f => f.Code != Confused).Select(f => (f.Code, f.Location.Line)));
        // Only equalities stand side by side.
        Assert.Equal(op != "EQ" || op2 != "EQ" ? 1 : 0, findings.Count(f => f.Code == Confused && f.Message.EndsWith("Write an entry for each value, with one SCMP_CMP_EQ below 2^32.", StringComparison.Ordinal)));
    }

    [Fact]
    public void EqualitiesInLongRulesAreDoubtedOnSeveralArchitecturesWhereNothingElseCompares()
    {
        string json = Profile.Json(
            Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(2, "EQ", 1)}]"), Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(2, "EQ", 2)},{Profile.Arg(3, "EQ", 0)}]"));
        Assert.Empty(Profile.Lint(json));
        LintFinding finding = Assert.Single(Profile.Lint(With32Bit(json)), f => f.Code == Confused);
        Assert.Equal(3, finding.Location.Line);
        Assert.EndsWith("List one architecture alone, the node's, or leave one condition in every entry of 'mount'.", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LT", 0UL, 0UL, "condition-never")]
    [InlineData("GT", ulong.MaxValue, 0UL, "condition-never")]
    [InlineData("MASKED_EQ", 0xF0UL, 0x1UL, "bits-outside-mask")]
    [InlineData("MASKED_EQ", 1UL, 1UL << 40, "bits-outside-mask")]
    [InlineData("MASKED_EQ", 0UL, 1UL, "condition-always")]
    [InlineData("GE", 0UL, 0UL, "condition-always")]
    [InlineData("MASKED_EQ", 0UL, 0UL, "condition-always")]
    [InlineData("EQ", 1UL, 2UL, "stray-value-two")]
    public void AConditionThatSaysNothingIsSaid(string op, ulong value, ulong two, string code)
        => Assert.Equal(code, Assert.Single(Profile.Lint(Profile.Json(Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, op, value, two)}]")))).Code);

    [Fact]
    public void BitsOutsideAMaskAreSaidToCountForNothing()
        => Assert.Equal("'valueTwo' (3) has bits outside the mask ('value', 1), and libseccomp ignores them: this is 'SCMP_CMP_MASKED_EQ 1, 1'. Take them out of 'valueTwo', or put them into the mask.",
            Assert.Single(Profile.Lint(Profile.Json(Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(2, "MASKED_EQ", 1, 3)}]")))).Message);

    [Theory]
    [InlineData("SCMP_ACT_ALLOW", "MASKED_EQ", 1UL, 1UL, "rule-repeated")]
    [InlineData("SCMP_ACT_KILL", "MASKED_EQ", 1UL, 1UL, "rules-contradict")]
    [InlineData("SCMP_ACT_ALLOW", "EQ", 5UL, 0UL, "rule-dead")]
    [InlineData("SCMP_ACT_KILL", "EQ", 5UL, 0UL, "rules-overlap")]
    [InlineData("SCMP_ACT_KILL", "EQ", 4UL, 0UL, "")]
    [InlineData("SCMP_ACT_KILL", "MASKED_EQ", 1UL, 2UL, "")]
    public void BitsOutsideAMaskDoNotCountWhenEntriesAreCompared(string action, string op, ulong value, ulong two, string code)
    {
        string[] findings = [.. Profile.Lint(Profile.Json(
            Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(2, "MASKED_EQ", 1, 3)}]"),
            Profile.Rule("mount", action, $"\"args\":[{Profile.Arg(2, op, value, two)}]"))).Select(f => f.Code).Where(c => c is "rule-dead" or "rule-repeated" or "rules-contradict" or "rules-overlap")];
        Assert.Equal(code.Length == 0 ? [] : [code], findings);
    }

    [Fact]
    public void ABitOutsideAMaskIsNoWideConstant()
        => Assert.DoesNotContain(Profile.Lint(With32Bit(Profile.Json(Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(2, "MASKED_EQ", 1, (1UL << 40) | 1)}]")))), f => f.Code == "wide-constant");

    [Fact]
    public void TwoNotEqualsOnOneArgumentAllowEverything()
    {
        LintFinding finding = Assert.Single(Profile.Lint(Profile.Json(Profile.Rule("socket", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "NE", 16)},\n{Profile.Arg(0, "NE", 40)}]"))));
        Assert.Equal(("same-index", 3), (finding.Code, finding.Location.Line));
        Assert.Contains("\"and\" becomes \"or\", and everything passes", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARuleThatRepeatsTheDefaultOverridesNothing()
        => Assert.Equal(["rule-is-default"], Profile.Lint(Profile.Json(Profile.Rule("mount", "SCMP_ACT_ERRNO", "\"errnoRet\":38"))).Select(f => f.Code));

    [Fact]
    public void AWarningIsAcceptedWithAReasonAndAnAcceptanceOfNothingIsAWarning()
    {
        string json = Profile.Json(Profile.Rule("mount", "SCMP_ACT_ERRNO", "\"errnoRet\":38"));
        string Accepting(string code) => json.Insert(1, $"\"//\":[\"words\",\"accepts {code}: it is meant\"],");
        Assert.Empty(Profile.Lint(Accepting("rule-is-default")));
        Assert.Equal(["rule-is-default", "accepts-nothing"], Profile.Lint(Accepting("clone3-open")).Select(f => f.Code).OrderDescending());
    }

    [Fact]
    public void AnErrorIsNeverAccepted()
        => Assert.Contains(Profile.Lint("{\"//\":[\"accepts denies-everything: yes\"],\"defaultAction\":\"SCMP_ACT_ERRNO\"}"), f => f.Code == "denies-everything");

    [Fact]
    public void ProfilesOfOneFolderThatDifferInErrnosAloneAreAWarningInEach()
    {
        using TestFolder folder = new();
        string json = Profile.Json(Profile.Rule("mount", "SCMP_ACT_ERRNO", "\"errnoRet\":13"));
        folder.Write("a.json", json);
        folder.Write("b.json", json.Replace("13", "1", StringComparison.Ordinal));
        folder.Write("same.json", json);
        folder.Write("other.json", json.Replace("mount", "umount2", StringComparison.Ordinal));
        LintReport report = new();
        Assert.Equal(4, SeccompLint.Run([folder.Path], SeccompUse.Policy, report));
        Assert.Equal([("crun-cache", folder["a.json"]), ("crun-cache", folder["b.json"])], report.Findings.Select(f => (f.Code, f.Location.File)));
    }

    [Fact]
    public void APolicysProfileIsLintedByTheSameChecks()
    {
        using TestFolder folder = new();
        folder.Write("profiles/seccomp/mine.json", Profile.Json(Profile.Rule("clock_setime", "SCMP_ACT_KILL")));
        LintReport policy = new(), profile = new();
        PolicySet.Load([folder.Write("p.yaml", Tests.Lint.Header + "  seccomp: {profile: mine}\n")], new Documents.ProfileFolders([folder["profiles"]]), policy);
        SeccompLint.Run([folder["profiles/seccomp"]], SeccompUse.Policy, profile);
        Assert.Equal(["unknown-syscall"], profile.Findings.Select(f => f.Code));
        Assert.Equal(profile.Findings, policy.Findings.Where(f => f.Location.File.EndsWith("mine.json", StringComparison.Ordinal)));
    }

    [Fact]
    public void AFilterThatLibseccompMakesBlindIsAnError()
    {
        string args = $"\"args\":[{Profile.Arg(0, "EQ", 1)}]";
        string blind = $"{{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_AARCH64\"],\"syscalls\":[{Profile.Rule("mount", "SCMP_ACT_ERRNO", $"\"args\":[{Profile.Arg(0, "EQ", 1)},{Profile.Arg(1, "EQ", 1)}]")},{Profile.Rule("socketcall", "SCMP_ACT_ERRNO", args)}]}}";
        Assert.Equal(["blind-filter"], Profile.Lint(blind).Select(f => f.Code));
        Assert.Empty(Profile.Lint(blind.Replace("\"syscalls\":[", $"\"syscalls\":[{Profile.Rule("bpf", "SCMP_ACT_ERRNO")},", StringComparison.Ordinal)));
    }

    [Fact]
    public void EveryShippedProfileIsClean()
    {
        LintReport report = new();
        Assert.True(SeccompLint.Run([Path.Combine(Repository.Profiles, "seccomp")], SeccompUse.Policy, report) >= 2);
        Assert.Empty(report.Findings);
    }

    private static string With32Bit(string json) => json.Replace("[\"SCMP_ARCH_X86_64\"]", "[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"]", StringComparison.Ordinal);
}
