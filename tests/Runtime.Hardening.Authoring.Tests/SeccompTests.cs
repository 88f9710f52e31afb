using System.Text;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Tests;

public class SeccompTests
{
    private const string Allow = "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[\n";

    [Theory]
    [InlineData("{", "json-syntax", 1)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}\n{}", "json-syntax", 2)]
    [InlineData("{\n\"defaultAction\":\"SCMP_ACT_ALOW\"}", "unknown-value", 2)]
    [InlineData("{\n\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"sycalls\":[]}", "unknown-field", 3)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"archMap\":{}}", "wrong-type", 2)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"defaultAction\":\"SCMP_ACT_ERRNO\"}", "duplicate-key", 2)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"Syscalls\":[]}", "second-spelling", 2)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]}", "not-supported", 2)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"defaultErrnoRet\":1}", "stray-errno", 2)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"architectures\":[\"SCMP_ARCH_X86_46\"]}", "unknown-value", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\",\"errnoRet\":1}]}", "stray-errno", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":0}]}", "errno-zero", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":5000}]}", "wrong-type", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}", "not-supported", 2)]
    [InlineData(Allow + "{\"names\":[7],\"action\":\"SCMP_ACT_ERRNO\"}]}", "wrong-type", 2)]
    [InlineData(Allow + "{\"action\":\"SCMP_ACT_ERRNO\"}]}", "missing-field", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":[{\"index\":6,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]}]}", "wrong-type", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_NE\"},{\"index\":0,\"value\":2,\"op\":\"SCMP_CMP_NE\"}]}]}", "same-index", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_LOG\"},\n{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\"}]}", "rules-contradict", 3)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\"},\n{\"names\":[\"a\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]}]}", "condition-swallowed", 3)]
    public void WhatRuntimesRefuseOrMisreadIsAnErrorInItsLine(string json, string code, int line)
    {
        LintReport report = new();
        SeccompSource.Parse("x", "x.json", Encoding.UTF8.GetBytes(json), report);
        LintFinding finding = Assert.Single(report.Findings, f => f.Severity == LintSeverity.Error);
        Assert.Equal((code, line), (finding.Code, finding.Location.Line));
    }

    [Fact]
    public void AProfileBelowTheFloorOfRuntimesIsAWarningThatNamesTheCalls()
    {
        LintReport report = new();
        SeccompSource.Parse("x", "x.json", "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\",\"execve\"],\"action\":\"SCMP_ACT_ALLOW\"}]}"u8, report);
        LintFinding finding = Assert.Single(report.Findings, f => f.Code == "below-floor");
        Assert.Contains("runc needs close, fstat,", finding.Message, StringComparison.Ordinal);
        Assert.Contains("crun needs close_range", finding.Message, StringComparison.Ordinal);
        Assert.Contains("runc without noNewPrivileges needs capget,", finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(" read,", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABrokenProfileOfAPolicyIsReportedInTheProfilesFile()
    {
        using TestFolder folder = new();
        folder.Write("profiles/seccomp/mine.json", "{\n  \"defaultAction\": 5 }");
        LintReport report = new();
        PolicySet.Load([folder.Write("p.yaml", Lint.Header + "  seccomp: {profile: mine}\n")], new Documents.ProfileFolders([folder["profiles"]]), report);
        Assert.EndsWith("mine.json", Assert.Single(report.Findings).Location.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runtime-default")]
    [InlineData("restricted")]
    public void AShippedProfileAllowsTheFloorAndGivesClone3Enosys(string name)
    {
        SeccompProfile profile = Shipped(name);
        foreach (string call in RuntimeFloor.Required.Concat(RuntimeFloor.Sometimes).Where(c => c != "clone"))
        {
            Assert.Equal(SeccompAction.Allow, profile[call].Unconditional?.Action);
        }

        Assert.Equal(SeccompAction.Allow, Assert.Single(profile["clone"].Conditional).Result.Action);
        Assert.Equal("SCMP_ACT_ERRNO", Json(name, "clone3")["action"]);
        Assert.Equal("38", Json(name, "clone3")["errnoRet"]);
    }

    [Theory]
    [InlineData("bpf")]
    [InlineData("mount")]
    [InlineData("ptrace")]
    [InlineData("unshare")]
    [InlineData("setns")]
    [InlineData("io_uring_setup")]
    [InlineData("userfaultfd")]
    [InlineData("keyctl")]
    [InlineData("process_vm_readv")]
    [InlineData("chroot")]
    [InlineData("pivot_root")]
    [InlineData("perf_event_open")]
    [InlineData("init_module")]
    [InlineData("kexec_load")]
    public void RestrictedDoesNotNameWhatOpensTheKernel(string call) => Assert.False(Shipped("restricted").Outcomes.ContainsKey(call));

    [Fact]
    public void RestrictedIsTighterThanRuntimeDefaultCallByCall()
    {
        SeccompProfile wide = Shipped("runtime-default");
        Assert.All(Shipped("restricted").Outcomes.Where(o => o.Value.Unconditional?.Action == SeccompAction.Allow), o =>
            Assert.Equal(SeccompAction.Allow, wide[o.Key].Unconditional?.Action));
    }

    private static SeccompProfile Shipped(string name) => SeccompProfile.Parse(File.ReadAllBytes(Repository.Folders.FindSeccomp(name)!), name);

    private static Dictionary<string, string> Json(string name, string call)
    {
        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Repository.Folders.FindSeccomp(name)!, Encoding.UTF8));
        return json.RootElement.GetProperty("syscalls").EnumerateArray().Single(e => e.GetProperty("names").EnumerateArray().Any(n => n.GetString() == call))
            .EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString());
    }
}
