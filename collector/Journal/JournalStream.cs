using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.Collector.Journal;

/// <summary>Follows one stream of the journal through its segments, and counts what was pruned before it could be read.</summary>
/// <param name="folder">The journal's folder; it may not exist yet.</param>
/// <param name="name">`decisions` or `refusals`.</param>
/// <param name="next">Sequence number to go on with; null: from the oldest line there is.</param>
/// <param name="unwritten">The number of unwritten lines that was told already.</param>
internal sealed class JournalStream(string folder, string name, long? next, long unwritten = 0) : IDisposable
{
    // A writer that died between renaming a segment and closing it leaves it open for ever.
    private const int LooksBeforeMovingOn = 4;

    private SegmentFile? _segment;
    private int _looksPastTheEnd;

    /// <summary>Sequence number of the next line; null until a segment was seen.</summary>
    internal long? Next { get; private set; } = next;

    /// <summary>Lines that were gone before they could be read, so far.</summary>
    internal long Lost { get; private set; }

    /// <summary>Whole lines that are no entry of a version known here, so far.</summary>
    internal long Malformed { get; private set; }

    /// <summary>Lines that found no room on the disk, counted by the hook, so far.</summary>
    internal long Unwritten { get; private set; }

    /// <summary>The hook's own number of them, up to which they are in <see cref="Unwritten"/> or were told before.</summary>
    internal long UnwrittenSeen { get; private set; } = unwritten;

    /// <summary>Adds up to <paramref name="limit"/> new lines. False: all that there is has been read.</summary>
    /// <exception cref="IOException">The folder or a segment cannot be read.</exception>
    internal bool Read(List<JournalLine> lines, int limit)
    {
        while (lines.Count < limit)
        {
            if (_segment is null && !Open())
            {
                return false;
            }

            if (_segment!.IsTruncated)
            {
                Close(); // read it again from its header; lines already read are skipped by number
                continue;
            }

            // Asked before the last look: a line written in between would be left behind otherwise.
            bool closed = _segment.IsClosed;
            long sequence = _segment.Next;
            if (_segment.TryReadLine(out ReadOnlySpan<byte> line))
            {
                if (sequence >= Next)
                {
                    Next = sequence + 1;
                    Take(line, sequence, lines);
                }

                continue;
            }

            if (Successor(_segment.First) is { } successor && (closed || ++_looksPastTheEnd > LooksBeforeMovingOn))
            {
                Advance(successor);
                continue;
            }

            if (Regressed())
            {
                continue;
            }

            CountUnwritten(_segment);
            return false;
        }

        return true;
    }

    public void Dispose() => Close();

    private void Advance(long successor)
    {
        if (Next is { } expected && successor > expected)
        {
            Lost += successor - expected;
            Next = successor;
        }

        Close();
    }

    private void Take(ReadOnlySpan<byte> line, long sequence, List<JournalLine> lines)
    {
        if (JournalEntry.TryParse(line, out JournalEntry entry))
        {
            lines.Add(new JournalLine(name, sequence, entry));
        }
        else
        {
            Malformed++;
        }
    }

    // The number never falls in one journal: a smaller one is that of a journal that began anew.
    private void CountUnwritten(SegmentFile segment)
    {
        if (segment.ReadUnwritten() is { } now)
        {
            Unwritten += now >= UnwrittenSeen ? now - UnwrittenSeen : now;
            UnwrittenSeen = now;
        }
    }

    // The segment that holds the next line, or the nearest after it.
    private bool Open()
    {
        SegmentFile? best = null;
        foreach (string path in Paths())
        {
            SegmentFile? candidate = SegmentFile.TryOpen(path);
            if (candidate is null)
            {
                continue;
            }

            if (best is null || IsBetter(candidate.First, best.First))
            {
                (best, candidate) = (candidate, best);
            }

            candidate?.Dispose();
        }

        if (best is null)
        {
            return false;
        }

        if (Next is { } expected && best.First > expected)
        {
            Lost += best.First - expected;
            Next = best.First;
        }

        Next ??= best.First;
        _segment = best;
        return true;
    }

    // Wanted: the largest first number that is not beyond the next line; failing that the smallest.
    private bool IsBetter(long first, long than)
    {
        long wanted = Next ?? long.MinValue;
        bool reaches = first <= wanted, thanReaches = than <= wanted;
        return reaches == thanReaches ? (reaches ? first > than : first < than) : reaches;
    }

    private long? Successor(long after)
    {
        long? found = null;
        foreach (string path in Paths())
        {
            using SegmentFile? segment = SegmentFile.TryOpen(path);
            if (segment is not null && segment.First > after && (found is null || segment.First < found))
            {
                found = segment.First;
            }
        }

        return found;
    }

    // The whole journal is behind the cursor: somebody wiped it and it began anew. What there is now was not read yet.
    private bool Regressed()
    {
        if (_segment!.Next >= Next)
        {
            return false;
        }

        Close();
        Next = null;
        return true;
    }

    private void Close()
    {
        _segment?.Dispose();
        _segment = null;
        _looksPastTheEnd = 0;
    }

    private IEnumerable<string> Paths()
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (string path in Directory.EnumerateFiles(folder, $"{name}*.jsonl"))
        {
            string file = Path.GetFileName(path);
            if (file == JournalSegment.ActiveName(name) || JournalSegment.TryParseClosedName(file, name, out _))
            {
                yield return path;
            }
        }
    }
}
