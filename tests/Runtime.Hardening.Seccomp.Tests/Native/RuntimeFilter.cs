using System.Text.Json;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Seccomp.Tests.Native;

/// <summary>
/// The filter that runc and crun make of a profile, made in the same calls of the same library, from the profile's JSON and without any code of ours
/// that is to be proven. runc's stub is not among them.
/// </summary>
internal sealed class RuntimeFilter
{
    private const int Exists = -17;   // EEXIST

    [ThreadStatic]
    private static FileStream? t_scratch;

    private readonly BpfProgram _program;
    private readonly bool _bigEndian;

    private RuntimeFilter(BpfProgram program, bool bigEndian) => (_program, _bigEndian) = (program, bigEndian);

    public int Instructions => _program.Length;

    /// <summary>Compiles; null when libseccomp refuses two rules that contradict each other, so that no container would start.</summary>
    /// <param name="profile">The value of linux.seccomp.</param>
    /// <param name="native">The architecture of the node: the filter is for it, listed or not.</param>
    /// <param name="binaryTree">Whether the runtime asks for a binary tree (runc does for more than 32 names).</param>
    /// <exception cref="TimeoutException">libseccomp does not come to an end with it.</exception>
    public static RuntimeFilter? Compile(JsonElement profile, SeccompArchitecture native, bool binaryTree) => TimeLimit.Run(() => CompileNow(profile, native, binaryTree));

    private static RuntimeFilter? CompileNow(JsonElement profile, SeccompArchitecture native, bool binaryTree)
    {
        uint fallback = Action(profile, "defaultAction", "defaultErrnoRet");
        nint filter = LibSeccomp.Init(fallback);
        Assert.NotEqual(0, filter);
        try
        {
            if (native.Name != "SCMP_ARCH_X86_64")
            {
                // libseccomp begins with this machine's own; the architectures of a filter must share a byte order, so it goes first.
                Check(LibSeccomp.RemoveArchitecture(filter, Token("SCMP_ARCH_X86_64")), "arch_remove");
                Check(LibSeccomp.AddArchitecture(filter, Token(native.Name)), "arch_add");
            }

            foreach (JsonElement architecture in Elements(profile, "architectures"))
            {
                int result = LibSeccomp.AddArchitecture(filter, Token(architecture.GetString()!));
                Check(result == Exists ? 0 : result, "arch_add");
            }

            if (binaryTree)
            {
                Check(LibSeccomp.SetAttribute(filter, LibSeccomp.Optimize, 2), "attr_set");
            }

            foreach (JsonElement rule in Elements(profile, "syscalls"))
            {
                if (!AddRules(filter, rule, fallback))
                {
                    return null;
                }
            }

            return new RuntimeFilter(BpfProgram.Parse(Export(filter), native.IsBigEndian), native.IsBigEndian);
        }
        finally
        {
            LibSeccomp.Release(filter);
        }
    }

    /// <summary>What the kernel would do.</summary>
    public SeccompResult Run(uint token, uint number, ReadOnlySpan<ulong> arguments)
    {
        Span<uint> words = stackalloc uint[16];
        words[0] = number;
        words[1] = token;
        for (int i = 0; i < 6; i++)
        {
            words[4 + (2 * i) + (_bigEndian ? 1 : 0)] = (uint)arguments[i];
            words[4 + (2 * i) + (_bigEndian ? 0 : 1)] = (uint)(arguments[i] >> 32);
        }

        uint value = _program.Run(words);
        SeccompAction action = (value & 0xFFFF0000) switch   // linux/seccomp.h, SECCOMP_RET_*
        {
            0x80000000 => SeccompAction.KillProcess,
            0x00000000 => SeccompAction.KillThread,
            0x00030000 => SeccompAction.Trap,
            0x00050000 => SeccompAction.Errno,
            0x7FC00000 => SeccompAction.Notify,
            0x7FF00000 => SeccompAction.Trace,
            0x7FFC0000 => SeccompAction.Log,
            0x7FFF0000 => SeccompAction.Allow,
            _ => throw new NotSupportedException($"the filter returned 0x{value:x}"),
        };
        return new SeccompResult(action, action is SeccompAction.Errno or SeccompAction.Trace ? value & 0xFFFF : 0);
    }

    private static unsafe bool AddRules(nint filter, JsonElement rule, uint fallback)
    {
        uint action = Action(rule, "action", "errnoRet");
        if (action == fallback)
        {
            return true;
        }

        LibSeccomp.Comparison[] comparisons = [.. Elements(rule, "args").Select(ComparisonOf)];
        bool split = comparisons.DistinctBy(static comparison => comparison.Argument).Count() < comparisons.Length;
        foreach (JsonElement name in Elements(rule, "names"))
        {
            int number = LibSeccomp.Resolve(name.GetString()!);
            for (int i = 0; number != LibSeccomp.Error && i < (split ? comparisons.Length : 1); i++)
            {
                ReadOnlySpan<LibSeccomp.Comparison> together = split ? comparisons.AsSpan(i, 1) : comparisons;
                fixed (LibSeccomp.Comparison* first = together)
                {
                    int result = LibSeccomp.AddRule(filter, action, number, (uint)together.Length, first);
                    if (result == Exists)
                    {
                        return false;
                    }

                    Check(result, $"rule_add({name.GetString()})");
                }
            }
        }

        return true;
    }

    private static uint Action(JsonElement element, string key, string errnoKey)
    {
        uint errno = element.TryGetProperty(errnoKey, out JsonElement value) ? value.GetUInt32() & 0xFFFF : 1;
        return element.GetProperty(key).GetString() switch   // seccomp.h, SCMP_ACT_*
        {
            "SCMP_ACT_ALLOW" => 0x7FFF0000,
            "SCMP_ACT_ERRNO" => 0x00050000 | errno,
            "SCMP_ACT_TRACE" => 0x7FF00000 | errno,
            "SCMP_ACT_LOG" => 0x7FFC0000,
            "SCMP_ACT_NOTIFY" => 0x7FC00000,
            "SCMP_ACT_TRAP" => 0x00030000,
            "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => 0x00000000,
            "SCMP_ACT_KILL_PROCESS" => 0x80000000,
            string other => throw new NotSupportedException(other),
            null => throw new NotSupportedException("null"),
        };
    }

    private static LibSeccomp.Comparison ComparisonOf(JsonElement element) => new()
    {
        Argument = element.GetProperty("index").GetUInt32(),
        Operator = 1 + Array.IndexOf(
            ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"], element.GetProperty("op").GetString()),
        Value = element.GetProperty("value").GetUInt64(),
        ValueTwo = element.TryGetProperty("valueTwo", out JsonElement two) ? two.GetUInt64() : 0,
    };

    // SCMP_ARCH_X32 is a number of libseccomp's own; the others are the kernel's.
    private static uint Token(string architecture) => architecture == "SCMP_ARCH_X32" ? 0x4000003E : SyscallTable.Find(architecture)!.AuditToken;

    private static byte[] Export(nint filter)
    {
        t_scratch ??= new FileStream(Path.Combine("/dev/shm", Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose);
        t_scratch.SetLength(0);
        LibSeccomp.Seek(t_scratch.SafeFileHandle, 0, 0);
        Check(LibSeccomp.ExportBpf(filter, t_scratch.SafeFileHandle), "export_bpf");
        byte[] bytes = new byte[RandomAccess.GetLength(t_scratch.SafeFileHandle)];
        RandomAccess.Read(t_scratch.SafeFileHandle, bytes, 0);
        return bytes;
    }

    private static JsonElement.ArrayEnumerator Elements(JsonElement element, string key)
        => element.TryGetProperty(key, out JsonElement array) && array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : default;

    private static void Check(int result, string what) => Assert.True(result >= 0, $"seccomp_{what} gave {result}");
}
