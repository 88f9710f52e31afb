using System.Runtime.InteropServices;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Authoring.Tests.Seccomp;

public partial class NarrowArgumentTests
{
    private const string Code = "upper-bits-ignored";
    private const ulong Low = uint.MaxValue, Bit32 = Low + 1;

    [Theory]
    [InlineData("socket", 0, "NE", 40UL, 0UL, "0x100000028 satisfies 'SCMP_CMP_NE 40', and is 40 to the kernel, which does not. Allow the values that are meant, with an SCMP_CMP_EQ each.")]
    [InlineData("socketpair", 0, "GT", 1UL, 0UL, "0x100000000 satisfies 'SCMP_CMP_GT 1', and is 0 to the kernel")]
    [InlineData("ioctl", 1, "GE", 5UL, 0UL, "0x100000000 satisfies")]
    [InlineData("clone", 0, "NE", 40UL, 0UL, "takes 32 bits")]
    [InlineData("mkdir", 1, "NE", 2048UL, 0UL, "takes 16 bits, and a filter compares all. 0x10800 satisfies")]
    [InlineData("socket", 0, "EQ", 40UL, 0UL, null)]
    [InlineData("socket", 0, "LE", 40UL, 0UL, null)]
    [InlineData("socket", 0, "LT", 40UL, 0UL, null)]
    [InlineData("socket", 0, "MASKED_EQ", Low, 40UL, null)]
    [InlineData("socket", 0, "NE", Bit32, 0UL, null)]
    [InlineData("prctl", 1, "NE", 40UL, 0UL, null)]   // unsigned long
    [InlineData("ptrace", 0, "NE", 40UL, 0UL, null)]   // long
    public void APermissionThatABitAboveTheKernelsGetsRoundIsAWarning(string name, int index, string op, ulong value, ulong two, string? expected)
        => Says(Strict(name, Profile.Rule(name, "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(index, op, value, two)}]")), expected);

    [Theory]
    [InlineData("socket", "EQ", 40UL, 0UL, "0x100000028 does not satisfy 'SCMP_CMP_EQ 40', and is 40 to the kernel, which does. Compare those 32 bits: SCMP_CMP_MASKED_EQ with the mask 4294967295 as 'value' and 40 as 'valueTwo'.")]
    [InlineData("socket", "LE", 3UL, 0UL, "0x100000000 does not satisfy")]
    [InlineData("socket", "LT", 3UL, 0UL, "or deny by default.")]
    [InlineData("socket", "MASKED_EQ", ulong.MaxValue, 40UL, "Take those bits out of the mask: 4294967295 as 'value'.")]
    [InlineData("socket", "MASKED_EQ", Low, 40UL, null)]
    [InlineData("socket", "MASKED_EQ", Bit32 | 1, 3UL, "0x100000001 does not satisfy")]
    [InlineData("socket", "GT", 3UL, 0UL, null)]
    [InlineData("socket", "GE", 3UL, 0UL, null)]
    [InlineData("socket", "NE", 3UL, 0UL, null)]
    [InlineData("socket", "EQ", Bit32, 0UL, null)]
    [InlineData("mount", "EQ", 40UL, 0UL, null)]
    public void ADenialThatABitAboveTheKernelsGetsRoundIsAWarning(string name, string op, ulong value, ulong two, string? expected)
        => Says(Open(Profile.Rule(name, "SCMP_ACT_ERRNO", $"\"args\":[{Profile.Arg(0, op, value, two)}]")), expected);

    [Fact]
    public void AnotherEntryCanCloseTheHole()
    {
        string denial = Profile.Rule("socket", "SCMP_ACT_ERRNO", $"\"args\":[{Profile.Arg(0, "EQ", 40)}]"), permission = Profile.Rule("socket", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "NE", 40)}]");
        Says(Open(denial, Profile.Rule("socket", "SCMP_ACT_ERRNO", $"\"args\":[{Profile.Arg(0, "GT", Low)}]")), null);
        Says(Open(denial, Profile.Rule("socket", "SCMP_ACT_ERRNO", $"\"args\":[{Profile.Arg(0, "GT", Low)},{Profile.Arg(1, "GT", 1)}]")), "0x100000028");
        Says(Profile.Json(permission, Profile.Rule("socket", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "EQ", 40)}]")), null);
    }

    [Fact]
    public void AFilterThatComparesNoMoreThanTheKernelTakesHasNoHole()
    {
        string json = Profile.Json(Profile.Rule("socket", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "NE", 40)}]"), Profile.Rule("mkdir", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(1, "NE", 40)}]"));
        Assert.Equal(2, Findings(json).Length);
        Assert.Contains("'mkdir'", Assert.Single(Findings(json.Replace("SCMP_ARCH_X86_64", "SCMP_ARCH_ARM", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SCMP_ARCH_S390X", 1)]
    [InlineData("SCMP_ARCH_AARCH64", 0)]
    public void TheFlagsOfCloneStandWhereTheArchitectureHasThem(string architecture, int index)
        => Assert.All([0, 1], i => Assert.Equal(i == index ? 1 : 0, Findings(Strict("clone", Profile.Rule("clone", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(i, "NE", 40)}]"))
            .Replace("SCMP_ARCH_X86_64", architecture, StringComparison.Ordinal)).Length));

    [Fact]
    public void AConditionForSeveralCallsIsOneFindingThatNamesThoseThatCut()
    {
        string rule = $"{{\"names\":[\"socket\",\"socketpair\",\"mount\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{Profile.Arg(2, "EQ", 0)},\n{Profile.Arg(0, "NE", 40)}]}}";
        LintFinding finding = Assert.Single(Findings(Profile.Json(rule)));
        Assert.StartsWith("Of argument 0 of 'socket', 'socketpair' the kernel", finding.Message, StringComparison.Ordinal);
        Assert.Equal((3, LintSeverity.Warning), (finding.Location.Line, finding.Severity));
    }

    [Fact]
    public void RulesOfDockersFormatAreAsked()
    {
        LintReport report = new();
        string rule = Profile.Rule("socket", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "NE", 40)}],\"includes\":{{\"caps\":[\"CAP_NET_ADMIN\"]}}");
        using TestFolder folder = new();
        SeccompLint.Run([folder.Write("docker.json", Profile.Json(rule))], SeccompUse.Runtime, report);
        Assert.Equal(Code, Assert.Single(report.Findings).Code);
    }

    // Podman's own profile: it has an error, and these three rules for containers without CAP_AUDIT_WRITE.
    [Fact]
    public void ThePermissionsBesideNetlinkAuditAreFoundInAProfileWithErrorsToo()
    {
        string json = Profile.Json(
            Profile.Rule("setns", "SCMP_ACT_ALLOW"), Profile.Rule("setns", "SCMP_ACT_KILL"),
            Profile.Rule("socket", "SCMP_ACT_ERRNO", $"\"errnoRet\":22,\"args\":[{Profile.Arg(0, "EQ", 16)},{Profile.Arg(2, "EQ", 9)}]"),
            Profile.Rule("socket", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(2, "NE", 9)}]"), Profile.Rule("socket", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "NE", 16)}]"));
        Assert.Equal([5, 6], Findings(json).Select(static f => f.Location.Line));
        Assert.Contains(Profile.Lint(json), static f => f.Severity == LintSeverity.Error);
    }

    [Fact]
    public void AConditionThatAnEntryWithoutOneSwallowsIsNotAskedAbove()
        => Says(Open(Profile.Rule("socket", "SCMP_ACT_KILL"), Profile.Rule("socket", "SCMP_ACT_ERRNO", $"\"args\":[{Profile.Arg(0, "EQ", 40)}]")), null);

    [Fact]
    public void TheTableKnowsCallsThatExist() => Assert.Subset(SyscallTable.Names.ToHashSet(), NarrowArguments.Calls.ToHashSet());

    // Each call does nothing, and would fail if the kernel looked at the bit: EAFNOSUPPORT, EINVAL, ESRCH, EBADF.
    [Theory]
    [InlineData("socket", 0, 1, 1, 0)]
    [InlineData("socket", 1, 1, 1, 0)]
    [InlineData("socket", 2, 1, 1, 0)]
    [InlineData("personality", 0, 0xFFFFFFFF, 0, 0)]
    [InlineData("prctl", 0, 3, 0, 0)]      // PR_GET_DUMPABLE
    [InlineData("fcntl", 0, 0, 1, 0)]      // F_GETFD
    [InlineData("fcntl", 1, 0, 1, 0)]
    [InlineData("kill", 0, -1, 0, 0)]      // this process
    [InlineData("kill", 1, -1, 0, 0)]
    [InlineData("setpriority", 0, 2, 0xFFFFFFFF, 0, false)]   // of a user who has no process: ESRCH, and EINVAL for an unknown kind
    [InlineData("madvise", 2, 0, 0, 0)]
    public void TheKernelCutsWhatTheTableSaysItCuts(string name, uint index, long first, long second, long third, bool succeeds = true)
    {
        Assert.Equal(32, NarrowArguments.Bits(SyscallTable.Native, name, index));
        long[] arguments = [first == -1 ? Environment.ProcessId : first, second, third];
        (long Result, int Error) plain = Call(name, arguments);
        arguments[index] |= 1L << 32;
        (long Result, int Error) cut = Call(name, arguments);
        Assert.Equal((succeeds, plain.Error), (cut.Result >= 0, cut.Error));
        Assert.Equal(succeeds, plain.Result >= 0);
    }

    [Fact]
    public void TheKernelCutsAModeTo16Bits()
    {
        using TestFolder folder = new();
        using FileStream file = File.OpenWrite(folder["f"]);
        Assert.Equal(16, NarrowArguments.Bits(SyscallTable.Native, "fchmod", 1));
        Assert.Equal(0, Call("fchmod", [(long)file.SafeFileHandle.DangerousGetHandle(), 0x1_0000 | Convert.ToInt32("640", 8), 0]).Result);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(folder["f"]));
    }

    private static (long Result, int Error) Call(string name, long[] arguments)
    {
        long result = SystemCall(SyscallTable.Number(SyscallTable.Native, name)!.Value, arguments[0], arguments[1], arguments[2]);
        int error = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (name == "socket" && result >= 0)
        {
            SystemCall(SyscallTable.Number(SyscallTable.Native, "close")!.Value, result, 0, 0);
        }

        return (result, error);
    }

    // Without the call among those that are allowed whatever their arguments are.
    private static string Strict(string call, string rule) => $"{{{Profile.Deny},\"syscalls\":[{Profile.Floor(call)},{rule}]}}";

    private static string Open(params string[] rules) => $"{{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[{string.Join(",", rules)}]}}";

    private static LintFinding[] Findings(string json) => [.. Profile.Lint(json).Where(static f => f.Code == Code)];

    private static void Says(string json, string? expected)
    {
        LintFinding[] findings = Findings(json);
        Assert.Equal(expected is null ? 0 : 1, findings.Length);
        Assert.All(findings, f => Assert.Contains(expected!, f.Message, StringComparison.Ordinal));
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long a, long b, long c);
}
