using System.Globalization;
using Runtime.Hardening.Authoring.Yaml;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>Reads the bounds of <c>resources</c>: a count, bytes and CPUs, the latter two also as Kubernetes writes quantities (512Mi, 500m).</summary>
internal static class QuantityReader
{
    // PID_MAX_LIMIT: above it the kernel refuses pids.max.
    public const ulong MostPids = 4_194_304;

    // No container starts in less; somebody forgot the unit.
    public const ulong LeastMemory = 1024 * 1024;

    // A hundredth of a CPU is a millisecond in the kernel's usual period, the least that it takes; the most is a typing error.
    public const ulong LeastMilli = 10, MostMilli = 1_000_000;

    // The units of a Kubernetes quantity that make a whole number of bytes; its milli would not.
    private static readonly (string Suffix, decimal Factor)[] s_units =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60),
        ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m), ("P", 1e15m), ("E", 1e18m),
    ];

    public static object? Pids(ValueReader values, YamlNode node)
    {
        if (node is YamlScalar { IsPlain: true } scalar && ulong.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            && value is > 0 and <= MostPids)
        {
            return new Quantity(value);
        }

        bool quoted = node is YamlScalar { IsPlain: false } text && ulong.TryParse(text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
        values.WrongType(node, $"a whole number of processes and threads from 1 to {MostPids}", quoted ? " Take the quotes away." : "");
        return null;
    }

    public static object? Memory(ValueReader values, YamlNode node)
    {
        if (TextOf(node) is not { } text || Bytes(text) is not { } bytes)
        {
            values.WrongType(node, "bytes, as a whole number or like 512Mi, 1Gi or 500M, less than 8Ei");
            return null;
        }

        if (bytes >= LeastMemory)
        {
            return new Quantity(bytes);
        }

        values.Report.Error("memory-too-small", node.Location, $"{bytes} bytes of memory are less than any container starts in, expected at least 1Mi. Is the unit missing?");
        return null;
    }

    public static object? Cpus(ValueReader values, YamlNode node)
    {
        if (TextOf(node) is { } text && Milli(text) is { } milli and >= LeastMilli and <= MostMilli)
        {
            return new Quantity(milli, IsMilli: true);
        }

        values.WrongType(node, $"CPUs from {ResourceBounds.Cpus(LeastMilli)} to {ResourceBounds.Cpus(MostMilli)} in steps of 0.001, like 1.5 or 500m");
        return null;
    }

    private static string? TextOf(YamlNode node) => node is YamlScalar { IsNull: false } scalar ? scalar.Text : null;

    private static ulong? Bytes(string text)
    {
        foreach ((string suffix, decimal factor) in s_units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                return Whole(text[..^suffix.Length], factor);
            }
        }

        return Whole(text, 1);
    }

    private static ulong? Milli(string text) => text.EndsWith('m') ? Whole(text[..^1], 1) : Whole(text, 1000);

    // Not more digits than every number of 64 bits has, so that nothing overflows; runtimes count in signed ones.
    private static ulong? Whole(string text, decimal factor)
    {
        if (text.Length is 0 or > 20 || !char.IsAsciiDigit(text[0]) || !char.IsAsciiDigit(text[^1])
            || !decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
        {
            return null;
        }

        return number <= long.MaxValue / factor && decimal.IsInteger(number * factor) ? (ulong)(number * factor) : null;
    }
}

/// <summary>An amount, so that 1Gi and 1073741824 are the same wherever two are compared.</summary>
/// <param name="Value">In bytes, in thousandths of a CPU, or as a count.</param>
/// <param name="IsMilli">Whether it is thousandths.</param>
internal sealed record Quantity(ulong Value, bool IsMilli = false)
{
    /// <summary>As a policy may spell it.</summary>
    public override string ToString() => IsMilli ? ResourceBounds.Cpus(Value) : Value.ToString(CultureInfo.InvariantCulture);
}
