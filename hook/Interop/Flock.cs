using System.Runtime.InteropServices;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>flock(2), which Tmds.LibC does not have.</summary>
internal static partial class Flock
{
    public const int Shared = 1, Exclusive = 2, NonBlocking = 4;

    [LibraryImport("libc.so.6", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int fd, int operation);
}
