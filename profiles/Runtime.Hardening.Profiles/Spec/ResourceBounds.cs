using System.Globalization;

namespace Runtime.Hardening.Profiles.Spec;

/// <summary>Upper bounds of what all processes of a container may use together. A null asks for nothing.</summary>
/// <param name="PidsMax">How many processes and threads there may be.</param>
/// <param name="MemoryMax">Bytes of memory, swap apart.</param>
/// <param name="CpuMaxMilli">Thousandths of a CPU, as a share of time in every period.</param>
public sealed record ResourceBounds(ulong? PidsMax, ulong? MemoryMax, ulong? CpuMaxMilli)
{
    /// <summary>Whether nothing is bounded.</summary>
    public bool IsEmpty => this is { PidsMax: null, MemoryMax: null, CpuMaxMilli: null };

    /// <summary>The bounds that both keep.</summary>
    public ResourceBounds Min(ResourceBounds other)
        => new(Min(PidsMax, other.PidsMax), Min(MemoryMax, other.MemoryMax), Min(CpuMaxMilli, other.CpuMaxMilli));

    /// <summary>CPUs as policies spell them: <c>1.5</c>.</summary>
    public static string Cpus(ulong milli) => (milli / 1000m).ToString(CultureInfo.InvariantCulture);

    private static ulong? Min(ulong? a, ulong? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
