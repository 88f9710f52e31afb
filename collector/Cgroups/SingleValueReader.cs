namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>Reads files of one line: one number, "max", or two words (cpu.max).</summary>
internal static class SingleValueReader
{
    /// <summary>The number; null for "max".</summary>
    /// <exception cref="CgroupFormatException">Anything else.</exception>
    internal static long? Read(ReadOnlySpan<byte> text) => Number.ParseOrMax(text.TrimEnd((byte)'\n'));

    /// <summary>The processors that cpu.max grants (quota / period); null without a quota.</summary>
    /// <exception cref="CgroupFormatException">Not `QUOTA PERIOD`, or a period of 0.</exception>
    internal static double? ReadCpuMax(ReadOnlySpan<byte> text)
    {
        text = text.TrimEnd((byte)'\n');
        int space = text.IndexOf((byte)' ');
        if (space < 0)
        {
            throw new CgroupFormatException($"expected 'QUOTA PERIOD', found '{System.Text.Encoding.UTF8.GetString(text)}'");
        }

        long? quota = Number.ParseOrMax(text[..space]);
        long period = Number.Parse(text[(space + 1)..]);
        if (period == 0)
        {
            throw new CgroupFormatException("expected a period above 0, found 0");
        }

        return (double?)quota / period;
    }
}
