using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles.Journal;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// Appends decisions to the journal: one write a line, no daemon, no lock that could hold up a container. The journal never decides whether a container
/// starts, so whatever goes wrong here is swallowed by design, and counted: in the segment's header, or by the reader.
/// </summary>
internal sealed class JournalWriter(string directory)
{
    private enum Attempt
    {
        Done,
        Full,
        Closing,
        EndsInsideALine,
        Missing,
        CutShort,
        NoRoom,
    }

    /// <summary>Appends one entry; false when it could not be kept.</summary>
    public bool Append(JournalEntry entry)
    {
        string stream = entry.Decision == JournalDecision.Refuse ? JournalSegment.Refusals : JournalSegment.Decisions;
        Attempt last = Attempt.NoRoom;
        try
        {
            using Descriptor folder = Folders.OpenOrMake("journal", directory, 0x1E8);   // 0750
            try
            {
                last = AppendTo(folder, stream, entry);
                if (last == Attempt.Full)
                {
                    JournalRotation.TryClose(folder, stream);
                }
            }
            catch (Exception e) when (IsExpected(e) && last == Attempt.Full)
            {
                return true;   // the line stands; the next writer tries to close the segment again
            }
            catch (Exception e) when (IsExpected(e))
            {
                last = Attempt.NoRoom;
            }

            if (last is not (Attempt.Done or Attempt.Full or Attempt.CutShort))
            {
                JournalLoss.Count(folder, stream);
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            return false;   // a read-only disk, or a folder that we may not list: there is no place to count in either
        }

        return last is Attempt.Done or Attempt.Full;
    }

    private static Attempt AppendTo(Descriptor folder, string stream, JournalEntry entry)
    {
        Attempt last = Attempt.Closing;
        // Somebody may be closing the segment, which takes a millisecond or two. Waiting longer could hold up a container.
        for (int attempt = 0; attempt < 20; attempt++)
        {
            last = TryAppend(folder, stream, entry);
            switch (last)
            {
                case Attempt.Closing:
                    Thread.Sleep(1);
                    break;
                case Attempt.EndsInsideALine:
                    JournalRotation.TryEndLine(folder, stream);
                    break;
                case Attempt.Missing:
                    MakeFirst(folder, stream);
                    break;
                default:
                    return last;
            }
        }

        return last;
    }

    private static Attempt TryAppend(Descriptor folder, string stream, JournalEntry entry)
    {
        string name = JournalSegment.ActiveName(stream);
        Descriptor? opened = Descriptor.TryOpen(folder, name, O_RDWR | O_APPEND | O_NOFOLLOW, out int errno);
        if (opened is not { } segment)
        {
            return errno == ENOENT ? Attempt.Missing : throw new SystemCallException("opening", name, errno);
        }

        using (segment)
        {
            // Shared with other writers; only whoever closes the segment takes it alone.
            if (Flock.Lock(segment.Value, Flock.Shared | Flock.NonBlocking) != 0)
            {
                return Attempt.Closing;
            }

            stat status = segment.Stat(name);
            if (((uint)status.st_mode & JournalRotation.OwnerCanWrite) == 0)
            {
                return Attempt.Closing;   // closed between our opening and our lock: the name leads to the next one already
            }

            if (JournalRotation.EndsInsideALine(segment, status))
            {
                return Attempt.EndsInsideALine;
            }

            byte[] line = entry.WriteLine();
            int written = segment.WriteSome(line);
            if (written < line.Length)
            {
                return written == 0 ? Attempt.NoRoom : Attempt.CutShort;   // what was cut short is counted by the reader, as malformed
            }

            return (long)status.st_size >= JournalSegment.MaxBytes ? Attempt.Full : Attempt.Done;
        }
    }

    // Both streams get their first segment at once, so that the first refusal on a disk that has filled up since has a place to be counted in.
    private static void MakeFirst(Descriptor folder, string stream)
    {
        MakeFirstOf(folder, stream);
        MakeFirstOf(folder, stream == JournalSegment.Refusals ? JournalSegment.Decisions : JournalSegment.Refusals);
    }

    // link() fails where the file exists already, so of several first writers one wins and no header is lost.
    private static unsafe void MakeFirstOf(Descriptor folder, string stream)
    {
        string temporary = $".{stream}.{Environment.ProcessId}";
        JournalRotation.MakeFirst(folder, stream, temporary);
        fixed (byte* from = Descriptor.Utf8(temporary))
        fixed (byte* to = Descriptor.Utf8(JournalSegment.ActiveName(stream)))
        {
            _ = linkat(folder.Value, from, folder.Value, to, 0);
            _ = unlinkat(folder.Value, from, 0);
        }
    }

    private static bool IsExpected(Exception e) => e is SystemCallException or IOException or UnauthorizedAccessException;
}
