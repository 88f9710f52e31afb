using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Runtime.Hardening.Authoring.Interop;

/// <summary>What the framework has no call for: rename over anything, and flushing a folder so that a rename in it survives a power cut.</summary>
internal static partial class Libc
{
    private const int OpenDirectoryCloseOnExec = 0x80000;   // O_CLOEXEC, the same on every Linux architecture; O_RDONLY is 0

    /// <summary>rename(2).</summary>
    /// <exception cref="IOException">It failed; the message says why.</exception>
    public static void Rename(string from, string to)
    {
        if (RenameCall(from, to) != 0)
        {
            throw Failure($"rename '{from}' to '{to}'");
        }
    }

    /// <summary>fsync(2) of a folder.</summary>
    /// <exception cref="IOException">It failed; the message says why.</exception>
    public static void SyncFolder(string path)
    {
        int handle = Open(path, OpenDirectoryCloseOnExec);
        if (handle < 0)
        {
            throw Failure($"open '{path}'");
        }

        int result = Sync(handle);
        IOException? failure = result == 0 ? null : Failure($"flush '{path}'");
        _ = Close(handle);
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static IOException Failure(string what) => new($"Cannot {what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameCall(string from, string to);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
