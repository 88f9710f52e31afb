using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles.Journal;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// Appends decisions to the journal: one write a line, no daemon, no lock that could hold up a container. The journal never decides whether a container
/// starts, so whatever goes wrong here is swallowed by design and counted by its reader from the sequence numbers.
/// </summary>
internal sealed class JournalWriter(string directory)
{
    private const uint OwnerCanWrite = 0x80;   // 0200: its absence marks a closed segment

    /// <summary>Appends one entry; false when it could not be kept.</summary>
    public bool Append(JournalEntry entry)
    {
        string stream = entry.Decision == JournalDecision.Refuse ? JournalSegment.Refusals : JournalSegment.Decisions;
        try
        {
            using Descriptor folder = Folders.OpenOrMake(directory, 0x1E8);   // 0750
            // Somebody may be closing the segment, which takes a millisecond or two. Waiting longer could hold up a container.
            for (int attempt = 0; attempt < 20; attempt++)
            {
                switch (TryAppend(folder, stream, entry))
                {
                    case Attempt.Full:
                        JournalRotation.TryClose(folder, stream);
                        return true;
                    case Attempt.Done:
                        return true;
                    case Attempt.Closing:
                        Thread.Sleep(1);
                        break;
                    case Attempt.Cut:
                        JournalRotation.TryEndLine(folder, stream);
                        break;
                    default:
                        MakeFirst(folder, stream);
                        break;
                }
            }
        }
        catch (Exception e) when (e is SystemCallException or IOException or UnauthorizedAccessException)
        {
            return false;   // a full or read-only disk, or a folder that we may not list
        }

        return false;
    }

    private enum Attempt
    {
        Done,
        Full,
        Closing,
        Cut,
        Missing,
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
            if (((uint)status.st_mode & OwnerCanWrite) == 0)
            {
                return Attempt.Closing;   // closed between our opening and our lock: the name leads to the next one already
            }

            if (JournalRotation.EndsInsideALine(segment, status))
            {
                return Attempt.Cut;
            }

            segment.Write(entry.WriteLine(), name);
            return (long)status.st_size >= JournalSegment.MaxBytes ? Attempt.Full : Attempt.Done;
        }
    }

    // link() fails where the file exists already, so of several first writers one wins and no header is lost.
    private static unsafe void MakeFirst(Descriptor folder, string stream)
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
}
