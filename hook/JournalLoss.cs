using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles.Journal;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// Counts the lines that a full disk took nothing of, in the header of the stream's active segment: overwriting what stands there needs no room, and the
/// number goes on into the next segment's header. Best effort: a journal that cannot be written at all leaves no trace, nor does a segment that somebody holds
/// for longer than a container may wait, or one on a full file system that writes every change to a new place (btrfs).
/// </summary>
internal static class JournalLoss
{
    /// <summary>Counts one line.</summary>
    /// <exception cref="SystemCallException">There is no segment, or it cannot be written at all.</exception>
    public static unsafe void Count(Descriptor folder, string stream)
    {
        string active = JournalSegment.ActiveName(stream);
        Span<byte> line = stackalloc byte[256];
        for (int attempt = 0; attempt < 20; attempt++)
        {
            // Without O_APPEND: under it Linux appends whatever is written, also at a given place.
            using Descriptor segment = Descriptor.Open(folder, active, O_RDWR | O_NOFOLLOW);
            if (!JournalRotation.TryLockAlone(segment) || ((uint)segment.Stat(active).st_mode & JournalRotation.OwnerCanWrite) == 0)
            {
                Thread.Sleep(1);   // a writer of the line before, or whoever closes the segment
                continue;
            }

            Span<byte> start = line[..segment.Read(line, active)];
            if (JournalSegment.TryParseHeader(start, out long number, out long first, out long unwritten)
                && JournalSegment.Header(number, first, unwritten + 1) is var header && start.IndexOf((byte)'\n') == header.Length - 1)
            {
                fixed (byte* bytes = header)
                {
                    _ = pwrite(segment.Value, bytes, header.Length, 0);
                }
            }

            return;
        }
    }
}
