using System.Text;

namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>Reads the lines `NAME KEY=VALUE KEY=VALUE ...` of io.stat and the pressure files.</summary>
internal ref struct NestedKeyedReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;
    private ReadOnlySpan<byte> _pairs;

    /// <summary>Moves to the next line. A line may hold a name only: io.stat prints devices without figures so.</summary>
    internal bool TryReadLine(out ReadOnlySpan<byte> name)
    {
        if (!Line.TryTake(ref _rest, out ReadOnlySpan<byte> line))
        {
            name = _pairs = default;
            return false;
        }

        int space = line.IndexOf((byte)' ');
        name = space < 0 ? line : line[..space];
        _pairs = space < 0 ? default : line[(space + 1)..];
        return true;
    }

    /// <summary>Moves to the next pair of the line.</summary>
    /// <exception cref="CgroupFormatException">A word without `=`.</exception>
    internal bool TryReadPair(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        _pairs = _pairs.TrimStart((byte)' ');
        if (_pairs.IsEmpty)
        {
            key = value = default;
            return false;
        }

        int space = _pairs.IndexOf((byte)' ');
        ReadOnlySpan<byte> pair = space < 0 ? _pairs : _pairs[..space];
        _pairs = space < 0 ? default : _pairs[(space + 1)..];
        int equals = pair.IndexOf((byte)'=');
        if (equals <= 0)
        {
            throw new CgroupFormatException($"expected 'KEY=VALUE', found '{Encoding.UTF8.GetString(pair)}'");
        }

        key = pair[..equals];
        value = pair[(equals + 1)..];
        return true;
    }
}
