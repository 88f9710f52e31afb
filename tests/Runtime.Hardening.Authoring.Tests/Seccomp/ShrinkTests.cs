using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Authoring.Seccomp.Recording;

namespace Runtime.Hardening.Authoring.Tests.Seccomp;

public class ShrinkTests
{
    [Theory]
    [InlineData("read\n# remark\n\nopenat 12   # why\n", "openat=12 read=1")]
    [InlineData("{\"recording\":1,\"architecture\":\"SCMP_ARCH_AARCH64\",\"syscalls\":[{\"name\":\"read\",\"count\":2},{\"name\":\"read\",\"count\":3},{\"name\":56},\"close\"]}", "close=1 openat=1 read=5")]
    [InlineData("{\"recording\":1,\"architecture\":\"SCMP_ARCH_X86\"}\n{\"name\":\"3\",\"count\":7}\n\n{\"name\":\"close\"}\n", "close=1 read=7")]
    [InlineData("[\"read\",\"close\"]", "close=1 read=1")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_KILL\"}]}", "read=1")]
    [InlineData("15028 execve(\"/usr/bin/true\", [\"true\"], 0x7ffe /* 43 vars */) = 0\n15028 read(3,  <unfinished ...>\n15029 close(3) = 0\n15028 <... read resumed>\"\", 1) = 0\n15028 syscall_0x1c9(1) = -1\n15028 +++ exited with 0 +++\n", "close=1 execve=1 read=1 statmount=1")]
    [InlineData("[pid  7] 12:00:01.5 openat(AT_FDCWD, \"x\", O_RDONLY) = 3\n--- SIGCHLD {si_signo=SIGCHLD} ---\nexit_group(0) = ?\n", "exit_group=1 openat=1")]
    [InlineData("% time     seconds  usecs/call     calls    errors syscall\n------ ----------- ----------- --------- --------- ----------------\n  0.00    0.000000           0         8           mmap\n 12.00    0.100000           3        10         2 openat\n------ ----------- ----------- --------- --------- ----------------\n100.00    0.000000                    18         2 total\n", "mmap=8 openat=10")]
    public void RecordingsAreReadInTheFormsThatToolsWrite(string text, string expected)
    {
        LintReport report = new();
        SyscallRecording? recording = Load(text, report);
        Assert.Empty(report.Findings);
        Assert.Equal(expected, string.Join(' ', recording!.Counts.Select(c => $"{c.Key}={c.Value}")));
    }

    [Theory]
    [InlineData("", "empty-recording", 0, 0)]
    [InlineData("% time     seconds  usecs/call     calls    errors syscall\n  0.00    0.000000           0         ٣           read\n", "empty-recording", 0, 0)]
    [InlineData("read ٣\n", "recording-syntax", 1, 1)]
    [InlineData("read\nraed\n", "unknown-syscall", 2, 1)]
    [InlineData("read\nsome words here\n", "recording-syntax", 2, 1)]
    [InlineData("{\"name\":\"read\"}\n {\"name\":\"read\",\"count\":-1}\n", "wrong-type", 2, 24)]
    [InlineData("{\"name\":\"read\"}\n{\"name\":\n", "json-syntax", 2, 9)]
    [InlineData("{\"name\":99999}", "unknown-syscall", 1, 9)]
    [InlineData("{\"recording\":2}", "wrong-type", 1, 14)]
    [InlineData("{\"syscalls\":[[1]]}", "wrong-type", 1, 14)]
    [InlineData("{}", "missing-field", 1, 1)]
    public void WhatIsNoRecordingIsAnErrorInItsPlace(string text, string code, int line, int column)
    {
        LintReport report = new();
        Assert.Null(Load(text, report));
        LintFinding finding = Assert.Single(report.Findings);
        Assert.Equal((code, line), (finding.Code, finding.Location.Line));
        Assert.True(column == finding.Location.Column || code == "wrong-type", $"column {finding.Location.Column}");
    }

    [Fact]
    public void ARecordingOfAMillionLinesIsReadInLinearTime()
    {
        LintReport report = new();
        string text = string.Concat(Enumerable.Repeat("{\"name\":\"read\"}\n", 1_000_000));
        SyscallRecording? recording = null;
        System.Diagnostics.Stopwatch time = System.Diagnostics.Stopwatch.StartNew();
        recording = Load(text, report);
        Assert.Equal(1_000_000UL, recording!.Counts["read"]);
        Assert.True(time.Elapsed < TimeSpan.FromSeconds(60), $"it took {time.Elapsed}");
    }

    [Fact]
    public void UnusedCallsGoTheRiskiestFirstAndRuntimesKeepTheirs()
    {
        ProfileDocument profile = Profile.Read(Profile.Json(
            "{\"names\":[\"sendfile\",\"bpf\",\"keyctl\",\"accept\"],\"action\":\"SCMP_ACT_ALLOW\",\"unknown\":1}", Profile.Rule("splice", "SCMP_ACT_LOG"), Profile.Rule("mount", "SCMP_ACT_KILL")));
        ProfileShrinker shrunk = ProfileShrinker.Of(profile, new SyscallRecording("r", new Dictionary<string, ulong> { ["accept"] = 5, ["mount"] = 1 }), ["sendfile"]);
        Assert.Equal(["bpf:Removed:3", "keyctl:Removed:2", "splice:Removed:1", "mount:Refused:3", "accept:Used:0"], shrunk.Calls.Take(5).Select(c => $"{c.Name}:{c.State}:{c.Risk.Level}"));
        Assert.All(shrunk.Calls.Skip(5), c => Assert.Equal(ShrinkState.Kept, c.State));
        JArray rules = (JArray)shrunk.Profile["syscalls"]!;
        Assert.Equal(3, rules.Count);
        Assert.Equal("{\"names\":[\"sendfile\",\"accept\"],\"action\":\"SCMP_ACT_ALLOW\",\"unknown\":1}", rules[1].ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal(4, ((JArray)profile.Json["syscalls"]![1]!["names"]!).Count);   // the profile itself is as it was
    }

    [Fact]
    public void TheShrunkProfileIsProvenTighterAndStillCoversTheRecordingAndTheFloor()
    {
        ProfileDocument profile = Profile.Read(File.ReadAllText(Path.Combine(Repository.Profiles, "seccomp/restricted.json")));
        ProfileShrinker shrunk = ProfileShrinker.Of(profile, new SyscallRecording("r", new Dictionary<string, ulong> { ["accept"] = 5 }), []);
        ProfileDocument small = Profile.Read(ProfileConverter.ToText(shrunk.Profile));
        Assert.Equal(TightnessAnswer.Yes, SeccompOrder.IsTighter(small.ToProfile(), profile.ToProfile()).Answer);
        Assert.Equal(TightnessAnswer.No, SeccompOrder.IsTighter(profile.ToProfile(), small.ToProfile()).Answer);
        Assert.DoesNotContain(Profile.Lint(ProfileConverter.ToText(shrunk.Profile)), f => f.Code is "below-floor" or "denies-execve");
        Assert.InRange(small.ToProfile().AllowedNames, 30, 80);
    }

    [Fact]
    public void EveryRiskIsOfACallThatExists()
    {
        Assert.True(SyscallRisk.Names.Count > 80);
        string[] gone = ["create_module", "get_kernel_syms", "query_module", "uselib"];   // only old kernels and few architectures have them
        Assert.Empty(SyscallRisk.Names.Where(n => !SyscallTable.Names.Contains(n)).Except(gone));
        Assert.All(SyscallRisk.Names, n => Assert.InRange(SyscallRisk.Of(n).Level, 1, 3));
        Assert.Equal(0, SyscallRisk.Of("read").Level);
    }

    private static SyscallRecording? Load(string text, LintReport report)
    {
        using TestFolder folder = new();
        return SyscallRecording.Load(folder.Write("r", text), report);
    }
}
