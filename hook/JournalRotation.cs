using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles.Journal;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>Closes a full segment, opens the next and prunes the oldest. Rare: once in some thousand containers.</summary>
internal static class JournalRotation
{
    /// <summary>0200: its absence marks a closed segment.</summary>
    public const uint OwnerCanWrite = 0x80;

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
        if ((long)status.st_size < JournalSegment.MaxBytes || ((uint)status.st_mode & OwnerCanWrite) == 0)
        {
            return;   // closed by the one who had the lock before us
        }

        fixed (byte* next = Descriptor.Utf8(temporary))
        fixed (byte* current = Descriptor.Utf8(active))
        {
            byte[] bytes = segment.ReadToEnd(active, (long)status.st_size);
            if (!JournalSegment.TryParseHeader(bytes, out long number, out long first, out long unwritten))
            {
                (number, first) = (LastNumber(folder, stream) + 1, 1);
            }

            long lines = bytes.AsSpan().Count((byte)'\n') - 1;
            Make(folder, temporary, number + 1, first + lines, unwritten);
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

    /// <summary>Makes a stream's first segment on this node, or the one after those that are still there, under a name that is not the stream's yet.</summary>
    public static void MakeFirst(Descriptor folder, string stream, string temporary)
    {
        long last = LastNumber(folder, stream);
        // After somebody removed the active segment its lines cannot be counted any more. A jump far ahead says so, instead of reusing numbers.
        Make(folder, temporary, last + 1, last == 0 ? 1 : (last + 1) * 1_000_000, 0);
    }

    /// <summary>Whether the last line has no end: somebody is writing it right now, or a full disk took only its beginning.</summary>
    public static unsafe bool EndsInsideALine(Descriptor segment, stat status)
    {
        byte last = (byte)'\n';
        long size = (long)status.st_size;
        return size > 0 && (long)pread(segment.Value, &last, 1, size - 1) == 1 && last != (byte)'\n';
    }

    /// <summary>Ends a line that was cut short, if nobody else writes; the first line that finds room again would be lost with it otherwise.</summary>
    public static void TryEndLine(Descriptor folder, string stream)
    {
        string active = JournalSegment.ActiveName(stream);
        using Descriptor segment = Descriptor.Open(folder, active, O_RDWR | O_APPEND | O_NOFOLLOW);
        if (TryLockAlone(segment) && segment.Stat(active) is var status && ((uint)status.st_mode & OwnerCanWrite) != 0 && EndsInsideALine(segment, status))
        {
            segment.Write("\n"u8, active);
        }
    }

    /// <summary>
    /// Takes a segment alone. Writers hold their shared lock for some microseconds each: a few turns for them are enough to find a moment without any, even
    /// in a storm of creates.
    /// </summary>
    public static bool TryLockAlone(Descriptor segment)
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

    private static unsafe void Make(Descriptor folder, string temporary, long number, long first, long unwritten)
    {
        fixed (byte* name = Descriptor.Utf8(temporary))
        {
            // Left by an earlier process of our number that died half-way: it is ours alone by its name.
            _ = unlinkat(folder.Value, name, 0);
            using Descriptor file = Descriptor.Open(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0x180);
            try
            {
                file.Write(JournalSegment.Header(number, first, unwritten), "journal segment");
                if (fchmod(file.Value, (mode_t)(uint)JournalSegment.ActiveMode) != 0)
                {
                    throw SystemCallException.Last("giving a mode to", "journal segment");
                }
            }
            catch (SystemCallException)
            {
                // A full disk still takes empty files: one for each container would be left.
                _ = unlinkat(folder.Value, name, 0);
                throw;
            }
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
