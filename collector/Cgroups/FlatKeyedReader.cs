using System.Text;

namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>Reads the lines `KEY VALUE` of cpu.stat, memory.stat, memory.events and their like.</summary>
internal ref struct FlatKeyedReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Moves to the next line.</summary>
    /// <exception cref="CgroupFormatException">The line has no value.</exception>
    internal bool TryReadNext(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (!Line.TryTake(ref _rest, out ReadOnlySpan<byte> line))
        {
            key = value = default;
            return false;
        }

        int space = line.IndexOf((byte)' ');
        if (space <= 0 || space == line.Length - 1)
        {
            throw new CgroupFormatException($"expected 'KEY VALUE', found '{Encoding.UTF8.GetString(line)}'");
        }

        key = line[..space];
        value = line[(space + 1)..];
        return true;
    }
}

/// <summary>Lines of a kernel file.</summary>
internal static class Line
{
    /// <summary>Takes the next non-empty line from <paramref name="rest"/>, without its newline.</summary>
    internal static bool TryTake(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (!line.IsEmpty)
            {
                return true;
            }
        }

        line = default;
        return false;
    }
}
