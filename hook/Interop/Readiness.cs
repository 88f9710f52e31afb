using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>Waiting for a descriptor that somebody made non-blocking; poll(2) is not in Tmds.LibC.</summary>
internal static unsafe partial class Readiness
{
    private const short Readable = 1;   // POLLIN

    [StructLayout(LayoutKind.Sequential)]
    private struct Watched
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    [LibraryImport("libc.so.6", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(Watched* descriptors, ulong count, int milliseconds);

    /// <summary>Reads, and waits where there is nothing yet; 0 at the end.</summary>
    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public static int Read(Descriptor source, Span<byte> buffer, string path)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                long count = (long)read(source.Value, start, buffer.Length);
                if (count >= 0)
                {
                    return (int)count;
                }

                int errno = Marshal.GetLastPInvokeError();
                if (errno == EAGAIN)
                {
                    var watched = new Watched { Descriptor = source.Value, Events = Readable };
                    _ = Poll(&watched, 1, -1);
                }
                else if (errno != EINTR)
                {
                    throw new SystemCallException("reading", path, errno);
                }
            }
        }
    }
}
