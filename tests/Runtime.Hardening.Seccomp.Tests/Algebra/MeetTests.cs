using System.Text;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Seccomp.Tests.Native;
using Runtime.Hardening.Seccomp.Tests.Proof;

namespace Runtime.Hardening.Seccomp.Tests.Algebra;

/// <summary>Meets that a person can follow, judged by the filters that libseccomp makes of them.</summary>
public sealed class MeetTests
{
    private const uint X64 = 0xC000003E, I386 = 0x40000003;
    private const string AllThree = "\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]";

    private const string Engine = $$"""
        {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,{{AllThree}},"syscalls":[{"names":["read","write","socket","bind","socketcall","ipc","shmget"],"action":"SCMP_ACT_ALLOW"}]}
        """;

    [Theory]
    [InlineData("socketcall", "SCMP_ACT_ERRNO")]
    [InlineData("socket", "SCMP_ACT_ERRNO")]
    [InlineData("socket", "SCMP_ACT_TRAP")]
    public void ADenialOfSocketsUnderAnAllowingDefaultHoldsForSocketcallToo(string denied, string action)
    {
        RuntimeFilter filter = Meet(Engine, $$"""{"defaultAction":"SCMP_ACT_ALLOW",{{AllThree}},"syscalls":[{"names":["{{denied}}"],"action":"{{action}}"}]}""");
        Assert.True(filter.Run(I386, 102, [1, 0, 0, 0, 0, 0]).Action >= SeccompAction.Errno, "socketcall(SYS_SOCKET) of i386 is allowed");
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 0, new ulong[6]).Action);
    }

    [Theory]
    [InlineData("\"socket\",\"bind\",\"socketcall\"")]
    [InlineData("\"socket\",\"bind\"")]
    public void ADenialOfAllFamiliesButOneHoldsForSocketcallToo(string allowed)
    {
        string engine = $$"""{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,{{AllThree}},"syscalls":[{"names":["read",{{allowed}}],"action":"SCMP_ACT_ALLOW"}]}""";
        RuntimeFilter filter = Meet(engine, $$"""{"defaultAction":"SCMP_ACT_ALLOW",{{AllThree}},"syscalls":[{"names":["socket"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":2,"op":"SCMP_CMP_NE"}]}]}""");
        Assert.True(filter.Run(I386, 102, [1, 0, 0, 0, 0, 0]).Action >= SeccompAction.Errno, "socketcall(SYS_SOCKET) of i386 is allowed, and the policy alone denies it");
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 41, [2, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 41, [3, 0, 0, 0, 0, 0]).Action);
    }

    [Theory]
    [InlineData("socket", 102, 1, true)]
    [InlineData("socket", 102, 1, false)]
    [InlineData("semop", 117, 1, true)]
    [InlineData("shmget", 117, 23, false)]
    public void ADenialOnTheFirstArgumentClosesTheMultiplexerThatCannotTellIt(string name, int number, int subCall, bool isOwn)
    {
        // The copy of the denial behind the multiplexer has lost its condition and denies everything; a permission that lost the opposite one would allow everything.
        string own = isOwn ? "\"socketcall\",\"ipc\"," : "";
        RuntimeFilter filter = Meet(
            $$"""{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,{{AllThree}},"syscalls":[{"names":["read","write",{{own}}"{{name}}"],"action":"SCMP_ACT_ALLOW"}]}""",
            $$"""
            {"defaultAction":"SCMP_ACT_ALLOW",{{AllThree}},"syscalls":[{"names":["read"],"action":"SCMP_ACT_LOG"},
             {"names":["{{name}}"],"action":"SCMP_ACT_ERRNO","errnoRet":1,"args":[{"index":0,"value":38,"op":"SCMP_CMP_EQ"}]}]}
            """);
        Assert.Equal(SeccompAction.Errno, filter.Run(I386, (uint)number, [(ulong)subCall, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, (uint)SyscallTable.Number(SyscallTable.Architectures[0], name)!, [2, 1, 0, 0, 0, 0]).Action);
    }

    [Fact]
    public void WhereNothingIsStricterThanTheDefaultTwoResultsBehindAMultiplexerAreClosedAndNotRefused()
    {
        RuntimeFilter filter = Meet(
            """
            {"defaultAction":"SCMP_ACT_KILL_PROCESS","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],"syscalls":[{"names":["read","write","socketcall"],"action":"SCMP_ACT_ALLOW"},
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2,"op":"SCMP_CMP_EQ"}]},
             {"names":["socket"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":16,"op":"SCMP_CMP_EQ"}]}]}
            """,
            """
            {"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],"syscalls":[{"names":["read","write","socket"],"action":"SCMP_ACT_ALLOW"}]}
            """);
        Assert.Equal(SeccompAction.KillProcess, filter.Run(I386, 102, [1, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 0, new ulong[6]).Action);
    }

    [Fact]
    public void AProfileThatNamesTheMultiplexedCallsAloneKeepsThem()
    {
        RuntimeFilter filter = Meet(Engine, $$"""{"defaultAction":"SCMP_ACT_ERRNO",{{AllThree}},"syscalls":[{"names":["read","socket"],"action":"SCMP_ACT_ALLOW"}]}""");
        Assert.Equal(SeccompAction.Allow, filter.Run(I386, 102, [1, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(I386, 102, [2, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(I386, 117, [23, 0, 0, 0, 0, 0]).Action);
    }

    [Fact]
    public void TwoMasksOnOneArgumentBecomeOne()
    {
        RuntimeFilter filter = Meet(
            """{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2080505856,"op":"SCMP_CMP_MASKED_EQ"}]}]}""",
            """{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":33554560,"op":"SCMP_CMP_MASKED_EQ"}]}]}""");
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 56, [0x11, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 56, [0x10000000, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 56, [0x80, 0, 0, 0, 0, 0]).Action);
    }

    [Fact]
    public void ConditionsOnDifferentArgumentsBothHold()
    {
        RuntimeFilter filter = Meet(
            """{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2,"op":"SCMP_CMP_EQ"}]}]}""",
            """{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":3,"op":"SCMP_CMP_NE"}]}]}""");
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 41, [2, 1, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 41, [2, 3, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 41, [10, 1, 0, 0, 0, 0]).Action);
    }

    [Fact]
    public void TwoListsOfDeniedFamiliesDenyBothAndNothingElse()
    {
        RuntimeFilter filter = Meet(Denied(38), Denied(40));
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 41, [38, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 41, [40, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 41, [2, 0, 0, 0, 0, 0]).Action);
    }

    [Fact]
    public void ADeniedFamilyUnderAnEngineThatAllowsAllLeavesTheOthers()
    {
        RuntimeFilter filter = Meet(Engine, Denied(38));
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 41, [38, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 41, [2, 0, 0, 0, 0, 0]).Action);
    }

    [Fact]
    public void ASmallerRangeStays()
    {
        RuntimeFilter filter = Meet(Below(5), Below(10));
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 135, [5, 0, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 135, [6, 0, 0, 0, 0, 0]).Action);
    }

    [Theory]
    [InlineData("web")]
    [InlineData("worker")]
    [InlineData("jvm")]
    [InlineData("node")]
    public void ShippedProfilesKeepTheirSocketsUnderAnEngineThatTakesSomeAway(string name)
    {
        // As the defaults of engines are: any family but one, clone by a mask, a few personalities.
        const string allowed = "\"action\":\"SCMP_ACT_ALLOW\"";
        SeccompProfile shipped = SeccompProfile.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "profiles/seccomp", name + ".json")), name);
        string engine = $$"""
            {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,{{AllThree}},"syscalls":[
             {"names":[{{string.Join(',', shipped.Outcomes.Keys.Except(["socket", "clone", "personality"]).Select(static call => $"\"{call}\""))}}],{{allowed}}},
             {"names":["socket"],{{allowed}},"args":[{"index":0,"value":40,"op":"SCMP_CMP_NE"}]},
             {"names":["personality"],{{allowed}},"args":[{"index":0,"value":0,"op":"SCMP_CMP_EQ"}]},
             {"names":["personality"],{{allowed}},"args":[{"index":0,"value":8,"op":"SCMP_CMP_EQ"}]},
             {"names":["clone"],{{allowed}},"args":[{"index":0,"value":2114060288,"op":"SCMP_CMP_MASKED_EQ"}]}]}
            """;
        RuntimeFilter filter = Meet(engine, Encoding.UTF8.GetString(SeccompWriter.Write(shipped)));
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 41, [2, 1, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 41, [16, 3, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 41, [16, 3, 12, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 41, [40, 1, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 56, [0x11, 0, 0, 0, 0, 0]).Action);
    }

    [Fact]
    public void WhereAnotherCallComparesValuesARuleWithSeveralConditionsIsLeftOut()
    {
        RuntimeFilter filter = Meet(
            """
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read","personality"],"action":"SCMP_ACT_ALLOW"},
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2,"op":"SCMP_CMP_EQ"}]},
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":16,"op":"SCMP_CMP_EQ"},{"index":2,"value":0,"op":"SCMP_CMP_EQ"}]}]}
            """,
            """
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read","socket"],"action":"SCMP_ACT_ALLOW"},
             {"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":16,"op":"SCMP_CMP_EQ"}]}]}
            """);
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 41, [2, 1, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Errno, filter.Run(X64, 41, [16, 3, 0, 0, 0, 0]).Action);
        Assert.Equal(SeccompAction.Allow, filter.Run(X64, 135, [16, 0, 0, 0, 0, 0]).Action);
    }

    private static string Denied(int family)
        => $$"""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["socket"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":{{family}},"op":"SCMP_CMP_EQ"}]}]}""";

    private static string Below(int value)
        => $$"""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":{{value}},"op":"SCMP_CMP_LE"}]}]}""";

    private static RuntimeFilter Meet(string a, string b)
    {
        SeccompProfile first = SeccompProfile.Parse(Encoding.UTF8.GetBytes(a), "a"), second = SeccompProfile.Parse(Encoding.UTF8.GetBytes(b), "b"), meet = SeccompMeet.Of(first, second);
        Assert.Equal(TightnessAnswer.Yes, SeccompOrder.IsTighter(meet, first).Answer);
        Assert.Equal(TightnessAnswer.Yes, SeccompOrder.IsTighter(meet, second).Answer);
        return Prover.Of(Encoding.UTF8.GetString(SeccompWriter.Write(meet)), SyscallTable.Architectures[0], binaryTree: false)!.Filter;
    }
}
