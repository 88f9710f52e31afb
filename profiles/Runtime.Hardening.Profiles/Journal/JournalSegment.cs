using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Runtime.Hardening.Profiles.Journal;

/// <summary>Names, sizes and headers of the journal's files: what its writer (the hook) and its reader (hardeningd) must agree on.</summary>
public static class JournalSegment
{
    /// <summary>The stream of everything but refusals.</summary>
    public const string Decisions = "decisions";

    /// <summary>The stream of refusals, which allows can never push out.</summary>
    public const string Refusals = "refusals";

    /// <summary>A segment that has reached this size is closed by whoever gets its lock. 64 MiB of decisions in 16 segments is the default bound.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>How many closed segments of decisions are kept.</summary>
    public const int KeptDecisions = 15;

    /// <summary>How many closed segments of refusals are kept.</summary>
    public const int KeptRefusals = 3;

    /// <summary>The mode of a segment that takes lines, and of one that is closed: the missing write bit is the mark.</summary>
    public const int ActiveMode = 0x1A0, ClosedMode = 0x120;   // 0640, 0440

    /// <summary>The segment that takes lines.</summary>
    public static string ActiveName(string stream) => $"{stream}.jsonl";

    /// <summary>A closed segment.</summary>
    public static string ClosedName(string stream, long number) => $"{stream}-{number:D6}.jsonl";

    /// <summary>Takes the number out of a closed segment's name.</summary>
    public static bool TryParseClosedName(string name, string stream, out long number)
    {
        number = 0;
        return name.Length > stream.Length + 7
            && name.StartsWith(stream, StringComparison.Ordinal)
            && name[stream.Length] == '-'
            && name.EndsWith(".jsonl", StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(stream.Length + 1, name.Length - stream.Length - 7), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The first line of a segment, newline included.</summary>
    /// <param name="segment">The segment's number.</param>
    /// <param name="first">The sequence number of the line after the header; numbers start at 1 and never repeat in a stream.</param>
    /// <param name="unwritten">
    /// How many lines of the stream a full disk took none of, since the journal began. The number has a width of its own, so that it can be overwritten where
    /// it stands: that needs no room on the disk.
    /// </param>
    public static byte[] Header(long segment, long first, long unwritten)
        => Encoding.ASCII.GetBytes($"{{\"segment\":{segment},\"first\":{first},\"unwritten\":{unwritten,12}}}\n");

    /// <summary>Reads a segment's first line. A header without `unwritten` counts none, and members behind it are a newer hook's.</summary>
    public static bool TryParseHeader(ReadOnlySpan<byte> line, out long segment, out long first, out long unwritten)
    {
        (first, unwritten) = (0, 0);
        if (!TryTake(ref line, "{\"segment\":"u8, out segment) || !TryTake(ref line, ",\"first\":"u8, out first))
        {
            return false;
        }

        _ = TryTake(ref line, ",\"unwritten\":"u8, out unwritten);
        return line.StartsWith("}"u8) || line.StartsWith(","u8);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> line, ReadOnlySpan<byte> before, out long value)
    {
        value = 0;
        if (!line.StartsWith(before))
        {
            return false;
        }

        ReadOnlySpan<byte> number = line[before.Length..].TrimStart((byte)' ');
        if (!Utf8Parser.TryParse(number, out value, out int consumed))
        {
            return false;
        }

        line = number[consumed..];
        return true;
    }
}
