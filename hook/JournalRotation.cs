using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles.Journal;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>Closes a full segment, opens the next and prunes the oldest. Rare: once in some thousand containers.</summary>
internal static class JournalRotation
{
    /// <summary>Closes the active segment if nobody else holds it; else the next writer will.</summary>
    public static unsafe void TryClose(Descriptor folder, string stream)
    {
        string active = JournalSegment.ActiveName(stream);
        string temporary = $".{stream}.{Environment.ProcessId}";
        using Descriptor segment = Descriptor.Open(folder, active, O_RDONLY | O_NOFOLLOW);
        if (!TryLockAlone(segment))
        {
            return;
        }

        stat status = segment.Stat(active);
        if ((long)status.st_size < JournalSegment.MaxBytes || ((uint)status.st_mode & 0x80) == 0)
        {
            return;   // closed by the one who had the lock before us
        }

        fixed (byte* next = Descriptor.Utf8(temporary))
        fixed (byte* current = Descriptor.Utf8(active))
        {
            byte[] bytes = segment.ReadToEnd(active, (long)status.st_size);
            if (!JournalSegment.TryParseHeader(bytes, out long number, out long first))
            {
                (number, first) = (LastNumber(folder, stream) + 1, 1);
            }

            long lines = bytes.AsSpan().Count((byte)'\n') - 1;
            _ = unlinkat(folder.Value, next, 0);
            using (Descriptor file = Descriptor.Open(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0x180))
            {
                Write(file, number + 1, first + lines);
            }

            fixed (byte* closed = Descriptor.Utf8(JournalSegment.ClosedName(stream, number)))
            {
                // Nobody appends while we hold the lock, and whoever waits for it will see the mode. The swap leaves no moment without an active
                // segment; then the old one gets its number. The mode comes after the swap: were we killed between the two in the other order, the
                // active segment would be a closed one, and nobody could ever append again.
                if (Rename.At(folder.Value, next, folder.Value, current, Rename.Exchange) != 0
                    || fchmod(segment.Value, (mode_t)(uint)JournalSegment.ClosedMode) != 0
                    || Rename.At(folder.Value, next, folder.Value, closed, 0) != 0)
                {
                    throw SystemCallException.Last("closing", active);
                }
            }

            Prune(folder, stream, number);
        }
    }

    /// <summary>The header of a stream's first segment on this node, or of the one after those that are still there.</summary>
    public static void WriteHeader(Descriptor file, string stream, Descriptor folder)
    {
        long last = LastNumber(folder, stream);
        // After somebody removed the active segment its lines cannot be counted any more. A jump far ahead says so, instead of reusing numbers.
        Write(file, last + 1, last == 0 ? 1 : (last + 1) * 1_000_000);
    }

    // Writers hold their shared lock for some microseconds each. A few turns for them are enough to find a moment without any, even in a storm of creates.
    private static bool TryLockAlone(Descriptor segment)
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            if (Flock.Lock(segment.Value, Flock.Exclusive | Flock.NonBlocking) == 0)
            {
                return true;
            }

            Thread.Yield();
        }

        return false;
    }

    private static void Write(Descriptor file, long number, long first)
    {
        file.Write(JournalSegment.Header(number, first), "journal segment");
        if (fchmod(file.Value, (mode_t)(uint)JournalSegment.ActiveMode) != 0)
        {
            throw SystemCallException.Last("giving a mode to", "journal segment");
        }
    }

    private static unsafe void Prune(Descriptor folder, string stream, long newest)
    {
        int kept = stream == JournalSegment.Refusals ? JournalSegment.KeptRefusals : JournalSegment.KeptDecisions;
        for (long number = newest - kept; number > 0; number--)
        {
            fixed (byte* name = Descriptor.Utf8(JournalSegment.ClosedName(stream, number)))
            {
                if (unlinkat(folder.Value, name, 0) != 0)
                {
                    return;   // pruned by an earlier turn, and so were all before it
                }
            }
        }
    }

    private static long LastNumber(Descriptor folder, string stream)
    {
        long last = 0;
        foreach (string path in Directory.EnumerateFiles($"/proc/self/fd/{folder.Value}", $"{stream}-*.jsonl"))
        {
            last = JournalSegment.TryParseClosedName(Path.GetFileName(path), stream, out long number) ? Math.Max(last, number) : last;
        }

        return last;
    }
}
