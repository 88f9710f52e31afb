using System.CommandLine;
using System.Globalization;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Cli.Commands.Seccomp;

/// <summary>What a call is asked of: an architecture and a runtime, as they are typed.</summary>
internal static class SeccompTarget
{
    public static Option<string?> Architecture(string description) => new("--arch") { Description = description, HelpName = "ARCH" };

    /// <summary>The architecture; this machine's when none was given.</summary>
    public static SeccompArchitecture Find(string? name)
    {
        if (name is null)
        {
            return SyscallTable.Native;
        }

        string upper = name.ToUpperInvariant() switch { "AMD64" => "X86_64", "ARM64" => "AARCH64", "I386" or "386" => "X86", { } other => other };
        string[] known = [.. SyscallTable.Architectures.Select(static a => a.Name["SCMP_ARCH_".Length..])];
        return SyscallTable.Find(upper.StartsWith("SCMP_ARCH_", StringComparison.Ordinal) ? upper : "SCMP_ARCH_" + upper)
            ?? throw new CliException($"--arch '{name}' is unknown here, expected one of {string.Join(", ", known)}.{DidYouMean.Sentence(upper, known)}");
    }

    public static Option<string> Runtime(string description, string @default, params string[] words)
    {
        Option<string> runtime = new("--runtime") { Description = description, HelpName = string.Join('|', words), DefaultValueFactory = _ => @default };
        runtime.AcceptOnlyFromAmong(words);
        return runtime;
    }

    public static SeccompRuntime RuntimeOf(string word) => word switch { "runc" => SeccompRuntime.Runc, "runc-1.1" => SeccompRuntime.OldRunc, _ => SeccompRuntime.Crun };

    /// <summary>A call by its name or number.</summary>
    public static (uint Number, string? Name) Call(string text, SeccompArchitecture architecture)
    {
        if (TryNumber(text, out ulong number))
        {
            return number <= uint.MaxValue ? ((uint)number, SyscallTable.Name(architecture, unchecked((int)(uint)number)))
                : throw new CliException($"--syscall {text}: numbers of system calls have 32 bits.");
        }

        if (SyscallTable.Number(architecture, text) is { } known)
        {
            return (unchecked((uint)known), text);
        }

        string[] others = [.. SyscallTable.Architectures.Where(a => SyscallTable.Number(a, text) is not null).Select(static a => a.Name)];
        throw new CliException(others.Length > 0
            ? $"{architecture} has no system call '{text}'. These have it: {string.Join(", ", others)}."
            : $"No architecture has a system call '{text}'.{DidYouMean.Sentence(text, SyscallTable.Names)}");
    }

    /// <summary>INDEX=VALUE.</summary>
    public static (int Index, ulong Value) Argument(string text)
    {
        string[] parts = text.Split('=', 2);
        if (parts.Length < 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index > 5)
        {
            throw new CliException($"--arg '{text}': expected INDEX=VALUE with an index from 0 to 5, like 0=2.");
        }

        return TryNumber(parts[1], out ulong value) ? (index, value)
            : long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long negative) ? (index, unchecked((ulong)negative))
            : throw new CliException($"--arg '{text}': the value must be a whole number of 64 bits, decimal or 0x...");
    }

    private static bool TryNumber(string text, out ulong number)
        => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
