using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Runtime.Hardening.Authoring.Interop;

/// <summary>
/// A folder by its descriptor. Files are opened in it by a plain name and never through a symbolic link, so whoever can write there cannot lead us elsewhere;
/// what is written appears whole, under its name, or not at all.
/// </summary>
internal sealed partial class OpenFolder : IDisposable
{
    private const int AtFdCwd = -100, NoSuchFile = 2, Exists = 17, LockExclusiveNonBlocking = 2 | 4;
    private const int ReadOnly = 0, WriteOnly = 1, Create = 0x40, Exclusive = 0x80, NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const int FolderMode = 0b111_101_101, FileMode = 0b110_100_100;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2), s_pollEvery = TimeSpan.FromMilliseconds(20);

    private readonly SafeFileHandle _handle;

    private OpenFolder(string path, SafeFileHandle handle) => (Path, _handle) = (path, handle);

    /// <summary>For messages.</summary>
    public string Path { get; }

    // asm-generic/fcntl.h and its exceptions: Arm and POWER have values of their own.
    private static bool HasArmFlags => RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le;

    private static int Directory => HasArmFlags ? 0x4000 : 0x10000;

    private static int NoFollow => HasArmFlags ? 0x8000 : 0x20000;

    /// <summary>Opens a folder by its path, whose last part may not be a link. Null when it is not there.</summary>
    /// <exception cref="IOException">It is something else, or may not be opened.</exception>
    public static OpenFolder? Open(string path, bool create)
    {
        if (create && MakeFolderAt(AtFdCwd, path, FolderMode) != 0 && Marshal.GetLastPInvokeError() != Exists)
        {
            throw Failure("make the folder", path);
        }

        return Wrap(OpenAt(AtFdCwd, path, Directory | NoFollow | CloseOnExec, 0), path);
    }

    /// <summary>Opens a folder inside this one.</summary>
    public OpenFolder? Inside(string name, bool create)
    {
        string path = System.IO.Path.Combine(Path, Plain(name));
        if (create && MakeFolderAt(Number, name, FolderMode) != 0 && Marshal.GetLastPInvokeError() != Exists)
        {
            throw Failure("make the folder", path);
        }

        return Wrap(OpenAt(Number, name, Directory | NoFollow | CloseOnExec, 0), path);
    }

    /// <summary>One writer at a time, until this is disposed. Another one's few files are waited for.</summary>
    /// <exception cref="IOException">Somebody else was at it all the time.</exception>
    public void Lock()
    {
        long start = Environment.TickCount64;
        while (FileLock(Number, LockExclusiveNonBlocking) != 0)
        {
            if (Environment.TickCount64 - start >= s_patience.TotalMilliseconds)
            {
                throw new IOException($"Another program is changing '{Path}', and was for {s_patience.TotalSeconds:0} s. Try again when it is done.");
            }

            Thread.Sleep(s_pollEvery);
        }
    }

    /// <summary>The bytes of a file; null when it is not there.</summary>
    /// <exception cref="IOException">It is no regular file, too large, or may not be opened.</exception>
    public byte[]? Read(string name, long largest)
    {
        string path = System.IO.Path.Combine(Path, Plain(name));
        using SafeFileHandle file = new(OpenAt(Number, name, ReadOnly | NoFollow | NonBlocking | CloseOnExec, 0), ownsHandle: true);
        if (file.IsInvalid)
        {
            return Marshal.GetLastPInvokeError() == NoSuchFile ? null : throw Failure("open", path);
        }

        if (FileStatus.TryRead(file) is not { IsRegularFile: true } status)
        {
            throw new IOException($"'{path}' is not a regular file.");
        }

        if (status.Size > largest)
        {
            throw new IOException($"'{path}' has {status.Size} bytes, and at most {largest} are read.");
        }

        byte[] bytes = new byte[status.Size];
        int count = RandomAccess.Read(file, bytes, 0);
        return count == bytes.Length ? bytes : throw new IOException($"'{path}' changed while it was read. Try again.");
    }

    /// <summary>Writes a file beside its name, to the disk, and gives it its name then.</summary>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        string temporary = $".{Plain(name)}.{Guid.NewGuid():N}", path = System.IO.Path.Combine(Path, name);
        try
        {
            using (SafeFileHandle file = new(OpenAt(Number, temporary, WriteOnly | Create | Exclusive | NoFollow | CloseOnExec, FileMode), ownsHandle: true))
            {
                if (file.IsInvalid)
                {
                    throw Failure("write", path);
                }

                RandomAccess.Write(file, bytes, 0);
                RandomAccess.FlushToDisk(file);
            }

            if (RenameAt(Number, temporary, Number, name) != 0 || Sync(Number) != 0)
            {
                throw Failure("write", path);
            }
        }
        catch (Exception)
        {
            _ = UnlinkAt(Number, temporary, 0);
            throw;
        }
    }

    public void Dispose() => _handle.Dispose();

    private int Number => (int)_handle.DangerousGetHandle();

    private static OpenFolder? Wrap(int handle, string path)
        => handle >= 0 ? new OpenFolder(path, new SafeFileHandle(handle, ownsHandle: true))
            : Marshal.GetLastPInvokeError() == NoSuchFile ? null
            : throw Failure("open the folder", path);

    private static string Plain(string name)
        => name.Length > 0 && name is not ("." or "..") && !name.Contains('/', StringComparison.Ordinal) ? name : throw new ArgumentException($"'{name}' is no plain name.");

    private static IOException Failure(string what, string path)
    {
        int error = Marshal.GetLastPInvokeError();
        const int Loop = 40, NotDirectory = 20;
        string why = error is Loop or NotDirectory ? "it is a symbolic link or no folder, and neither is followed here" : new Win32Exception(error).Message;
        return new IOException($"Cannot {what} '{path}': {why}.");
    }

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int folder, string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFolderAt(int folder, string path, int mode);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int fromFolder, string from, int toFolder, string to);

    [LibraryImport("libc", EntryPoint = "unlinkat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkAt(int folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FileLock(int handle, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);
}
