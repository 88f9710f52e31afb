using System.Text;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;

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
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"//\":[7]}", "wrong-type", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"includes\":{\"minKernel\":\"4.8\"}}]}", "docker-format", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"excludes\":{\"caps\":[\"CAP_SYS_TIEM\"]}}]}", "unknown-value", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"includes\":{\"caps\":\"CAP_SYS_TIME\"}}]}", "wrong-type", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"includes\":[]}]}", "wrong-type", 2)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"archMap\":[{\"arch\":\"x\"}]}", "missing-field", 2)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86\"}],\n\"architectures\":[\"SCMP_ARCH_X86\"]}", "two-architecture-lists", 2)]
    [InlineData(Allow + "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\",\"errnoRet\":1,\"includes\":{\"caps\":[\"CAP_SYS_TIME\"]}}]}", "stray-errno", 2)]
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
}
