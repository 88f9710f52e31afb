using System.Runtime.InteropServices;
using Tmds.Linux;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>clock_gettime(2) for this process alone, which Tmds.LibC does not have.</summary>
internal static unsafe partial class ProcessorTime
{
    private const int ProcessClock = 2;   // CLOCK_PROCESS_CPUTIME_ID, linux/time.h

    /// <summary>Whole seconds that this process has used since it was forked: execve does not start the clock anew. 0 when the kernel does not say.</summary>
    public static long Seconds
    {
        get
        {
            timespec used;
            return Read(ProcessClock, &used) == 0 ? (long)used.tv_sec : 0;
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "clock_gettime")]
    private static partial int Read(int clock, timespec* time);
}
