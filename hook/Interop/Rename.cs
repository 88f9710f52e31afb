using System.Runtime.InteropServices;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>renameat2(2), which Tmds.LibC does not have.</summary>
internal static unsafe partial class Rename
{
    /// <summary>RENAME_EXCHANGE (linux/fs.h): swaps two names, so that neither is ever missing.</summary>
    public const uint Exchange = 2;

    /// <summary>RENAME_NOREPLACE (linux/fs.h): fails where the new name is taken.</summary>
    public const uint NoReplace = 1;

    [LibraryImport("libc.so.6", EntryPoint = "renameat2", SetLastError = true)]
    public static partial int At(int oldDirectory, byte* oldPath, int newDirectory, byte* newPath, uint flags);
}
