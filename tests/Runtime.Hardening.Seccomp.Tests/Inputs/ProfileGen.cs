using CsCheck;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Seccomp.Tests.Native;

namespace Runtime.Hardening.Seccomp.Tests.Inputs;

/// <summary>Random profiles with every action, operator and trap that a runtime accepts.</summary>
internal static class ProfileGen
{
    // Multiplexed calls and their multiplexers, calls of one architecture alone, a call that no kernel has.
    private static readonly string[] s_few =
    [
        "socket", "socket", "accept", "recv", "socketcall", "socketcall", "semop", "shmget", "ipc", "read", "clone", "clone3", "personality", "open", "statx", "_llseek", "cacheflush",
        "riscv_flush_icache", "s390_runtime_instr", "arch_prctl", "close_range", "call_of_tomorrow",
    ];

    private static readonly string[] s_multiplexed = ["socket", "socket", "bind", "connect", "shmget", "semop", "msgget"];

    // Names that this library has as the table has them: it ignores rules for newer ones, and 2.5 has a few without their number on x32 or with another's place.
    private static readonly string[] s_all = [.. SyscallTable.Names.Where(static name => LibSeccomp.Resolve(name) is var native && native != LibSeccomp.Error
        && LibSeccomp.NameOf(SyscallTable.Native.AuditToken, native) == name && SyscallTable.Architectures.All(architecture => SyscallTable.Number(architecture, name) is not { } number || LibSeccomp.Resolve(Token(architecture), name) is var known && (known == number || known is <= -100 and >= -224)))];

    /// <summary>Whether the library has the name as our table has it.</summary>
    public static bool IsCommon(string name) => s_all.Contains(name);

    private static readonly Gen<(string Action, uint? Errno)> s_result = Gen.Frequency(
        (4, Gen.Const(("SCMP_ACT_ALLOW", (uint?)null))),
        (4, One<uint?>(null, 1u, 13u, 38u, 0u).Select(static errno => ("SCMP_ACT_ERRNO", errno))),
        (1, One<uint?>(null, 1u, 7u).Select(static errno => ("SCMP_ACT_TRACE", errno))),
        (3, One("SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "SCMP_ACT_TRAP", "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS").Select(static action => (action, (uint?)null))));

    private static readonly Gen<ulong> s_value = Gen.Frequency(
        (6, One<ulong>(0, 1, 2, 16, 40, 0x7E020000, 0xFFFFFFFF, 0x80000000, 0x1_00000001, 0x1_00000010, 1UL << 63, ulong.MaxValue)),
        (2, Gen.ULong[0, 6]),
        (1, Gen.ULong));

    private static readonly Gen<ProfileText.Condition> s_condition = Gen.Select(
        Gen.Frequency((4, Gen.Const(0)), (2, Gen.Const(1)), (1, Gen.Int[2, 5])),
        One("SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_MASKED_EQ"),
        s_value, s_value,
        static (index, op, value, two) => new ProfileText.Condition(index, op, value, op == "SCMP_CMP_MASKED_EQ" && (two & 3) != 0 ? two & value : two));

    private static readonly Gen<ProfileText.Condition[]> s_conditions = Gen.Frequency(
        (2, Gen.Const(Array.Empty<ProfileText.Condition>())), (3, s_condition.Array[1]), (2, s_condition.Array[2]), (1, s_condition.Array[3]));

    private static readonly Gen<string[]> s_architectures = One<string[]>(
        [], ["SCMP_ARCH_X86_64"], ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], ["SCMP_ARCH_X32", "SCMP_ARCH_X86_64"],
        ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_RISCV64", "SCMP_ARCH_PPC64LE"]);

    /// <summary>A few rules on a few names.</summary>
    public static Gen<ProfileText> Small { get; } = Of(One(s_few).Array[1, 3], 8);

    /// <summary>Two profiles, the second often the first with a rule changed.</summary>
    public static Gen<(ProfileText A, ProfileText B)> Pair { get; } = Gen.Select(Small, Small, Gen.Int[0, 4], Gen.Int[0, 7], static (a, b, kind, at) => (a, kind switch
    {
        0 => a with { Rules = [.. a.Rules.Where((_, i) => i != at % Math.Max(1, a.Rules.Length))] },
        1 => a with { Rules = [.. a.Rules, .. b.Rules.Take(1)] },
        2 => a with { Default = b.Default, Errno = b.Errno },
        _ => b,
    }));

    /// <summary>
    /// Two profiles that speak of sockets and System V IPC only, mostly on conditions for the first argument, and for architectures that make such calls through one number:
    /// what libseccomp copies to that number has lost those conditions.
    /// </summary>
    public static Gen<(ProfileText A, ProfileText B)> Multiplexed { get; } = Gen.Select(OfMultiplexed(), OfMultiplexed());

    /// <summary>More than 300 names, as engines' profiles have.</summary>
    public static Gen<ProfileText> Large { get; } = Gen.Select(
        Gen.Select(Gen.Int, Gen.Int[310, 420], Shuffled), Of(One(s_all).Array[1, 6], 12), s_result,
        static (names, rest, result) => rest with { Rules = [.. rest.Rules, new ProfileText.Rule(names, result.Action, result.Errno, [])] });

    /// <summary>One call with lists of values, in rules with one condition and with several; beside it calls with masks and without conditions.</summary>
    public static Gen<ProfileText> Values { get; } = Gen.Select(
        One("socket", "personality", "openat"), s_architectures, s_result, Gen.Select(Gen.Int[1, 3], Gen.Int[0, 62], One<ulong>(0, 1, 2, 10, 16, 0x80000000, 0xFFFFFFFF).Array[3]).Array[1, 8],
        Gen.Select(One("clone", "mknod", "mknodat", "prctl"), Gen.Int[0, 5], Gen.ULong[1, uint.MaxValue], Gen.ULong).Array[0, 4],
        static (name, architectures, result, values, masks) => new ProfileText(
            "SCMP_ACT_ERRNO", 38, architectures,
            [
                .. values.Select(rule => new ProfileText.Rule([name], result.Action, result.Errno, [.. Enumerable.Range(0, rule.Item1).Select(i => new ProfileText.Condition((i + rule.Item2) % 3, "SCMP_CMP_EQ", rule.Item3[i], 0))])),
                .. masks.Select(mask => new ProfileText.Rule([mask.Item1], result.Action, result.Errno, [new ProfileText.Condition(mask.Item2, "SCMP_CMP_MASKED_EQ", mask.Item3, mask.Item3 & mask.Item4)])),
                new ProfileText.Rule(["read", "write"], "SCMP_ACT_ALLOW", null, []),
            ]));

    private static Gen<ProfileText> OfMultiplexed()
    {
        Gen<(string Action, uint? Errno)> some = One<(string, uint?)>(("SCMP_ACT_ALLOW", null), ("SCMP_ACT_ALLOW", null), ("SCMP_ACT_ERRNO", 1), ("SCMP_ACT_ERRNO", 38), ("SCMP_ACT_LOG", null), ("SCMP_ACT_TRAP", null), ("SCMP_ACT_TRACE", 7), ("SCMP_ACT_KILL_PROCESS", null));
        Gen<ProfileText.Condition> first = Gen.Select(
            Gen.Frequency((5, Gen.Const(0)), (1, Gen.Int[1, 2])), One("SCMP_CMP_EQ", "SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"), One<ulong>(1, 2, 16, 38, 40),
            static (index, op, value) => new ProfileText.Condition(index, op, value, value));
        Gen<ProfileText.Condition[]> conditions = Gen.Frequency((2, Gen.Const(Array.Empty<ProfileText.Condition>())), (5, first.Array[1]), (2, first.Array[2]));
        Gen<string[]> names = Gen.Frequency((6, One(s_multiplexed)), (1, One("socketcall", "ipc", "read"))).Array[1, 2];
        return Gen.Select(
            some, One<string[]>(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_PPC64LE"]), some,
            Gen.Select(names, conditions, Gen.Int[0, 3]).Array[1, 4],
            static (fallback, architectures, result, rules) => new ProfileText(
                fallback.Action, fallback.Errno, architectures,
                [
                    .. rules.Select(rule => new ProfileText.Rule(rule.Item1, rule.Item3 == 0 ? "SCMP_ACT_ALLOW" : result.Action, rule.Item3 == 0 ? null : result.Errno, rule.Item2)),
                    new ProfileText.Rule(["write"], fallback.Action == "SCMP_ACT_ALLOW" ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW", null, []),
                ]));
    }

    private static Gen<ProfileText> Of(Gen<string[]> names, int most) => Gen.Select(
        s_result, s_architectures, s_result, s_result, Gen.Select(names, s_conditions, Gen.Int[0, 5]).Array[0, most],
        static (fallback, architectures, first, second, rules) => new ProfileText(
            fallback.Action, fallback.Errno, architectures,
            // Two results are enough for every kind of conflict, and with many of them libseccomp refuses most profiles.
            [.. rules.Select(rule => (rule, result: rule.Item3 switch { 0 or 1 or 2 => first, 3 => second, 4 => fallback, _ => ("SCMP_ACT_ALLOW", null) }))
                .Select(static item => new ProfileText.Rule(item.rule.Item1, item.result.Item1, item.result.Item2, item.rule.Item2))]));

    private static uint Token(SeccompArchitecture architecture) => architecture.NumberBit == 0 ? architecture.AuditToken : 0x4000003E;   // SCMP_ARCH_X32

    private static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string[] Shuffled(int seed, int count)
    {
        string[] names = [.. s_all];
        new Random(seed).Shuffle(names);
        return names[..count];
    }
}
