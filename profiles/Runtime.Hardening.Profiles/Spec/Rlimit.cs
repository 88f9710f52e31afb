namespace Runtime.Hardening.Profiles.Spec;

/// <summary>A resource limit of a process (setrlimit(2), runtime-spec process.rlimits).</summary>
/// <param name="Type">The name, <c>RLIMIT_NOFILE</c> and the like.</param>
/// <param name="Soft">The limit in force, in the unit of the resource; <see cref="Unlimited"/> for none.</param>
/// <param name="Hard">What the process may raise the soft limit to.</param>
public sealed record Rlimit(string Type, ulong Soft, ulong Hard)
{
    /// <summary>RLIM_INFINITY.</summary>
    public const ulong Unlimited = ulong.MaxValue;

    // The order is the kernel's numbering on every architecture we build for (include/uapi/asm-generic/resource.h).
    private static readonly string[] s_types =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE",
        "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];

    /// <summary>The known types in the kernel's order: the index is the resource number of getrlimit(2).</summary>
    public static ReadOnlySpan<string> KnownTypes => s_types;

    /// <summary>The limit that both allow.</summary>
    /// <exception cref="ArgumentException">The types differ.</exception>
    public Rlimit Min(Rlimit other)
    {
        if (other.Type != Type)
        {
            throw new ArgumentException($"'{other.Type}' cannot limit '{Type}'.", nameof(other));
        }

        ulong hard = Math.Min(Hard, other.Hard);
        return new Rlimit(Type, Math.Min(Math.Min(Soft, other.Soft), hard), hard);
    }

    /// <summary>For people: <c>soft/hard</c>, <c>unlimited</c> for no limit.</summary>
    public override string ToString() => $"{Value(Soft)}/{Value(Hard)}";

    private static string Value(ulong value) => value == Unlimited ? "unlimited" : value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
