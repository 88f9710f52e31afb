using System.Runtime.InteropServices;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>execv(3), which Tmds.LibC does not have: execve(2) with the environment as the process holds it.</summary>
internal static unsafe partial class Execute
{
    [LibraryImport("libc.so.6", EntryPoint = "execv", SetLastError = true)]
    public static partial int Image(byte* path, byte** arguments);
}
