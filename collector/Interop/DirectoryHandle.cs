using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace Runtime.Hardening.Collector.Interop;

/// <summary>What came of reading one small file.</summary>
internal enum ReadOutcome
{
    /// <summary>The bytes are in the buffer.</summary>
    Read,

    /// <summary>There is no such file, or the kernel does not support it here.</summary>
    Missing,

    /// <summary>The directory's object (a cgroup, a process) is gone.</summary>
    Gone,

    /// <summary>The file exists but this process may not read it.</summary>
    Denied,
}

/// <summary>An open directory from which small kernel files are read, each with one open and one pread.</summary>
internal sealed unsafe class DirectoryHandle : IDisposable
{
    private readonly SafeFileHandle _handle;

    private DirectoryHandle(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens a directory, or answers null when it is not there or not accessible.</summary>
    internal static DirectoryHandle? TryOpen(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            int fd = LibC.open(name, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC);
            return fd < 0 ? null : new DirectoryHandle(new SafeFileHandle(fd, ownsHandle: true));
        }
    }

    /// <summary>Reads a file of the directory into <paramref name="buffer"/>, growing it until the whole file fits.</summary>
    /// <param name="nullTerminatedName">The file's name, with its terminating zero byte.</param>
    /// <param name="buffer">Reused by the caller from file to file.</param>
    /// <param name="length">How many bytes of the buffer are the file's.</param>
    internal ReadOutcome Read(byte[] nullTerminatedName, ref byte[] buffer, out int length)
    {
        length = 0;
        int fd;
        fixed (byte* name = nullTerminatedName)
        {
            fd = LibC.openat((int)_handle.DangerousGetHandle(), name, LibC.O_RDONLY | LibC.O_CLOEXEC);
        }

        if (fd < 0)
        {
            return Explain(Marshal.GetLastPInvokeError());
        }

        try
        {
            while (true)
            {
                long got;
                fixed (byte* at = buffer)
                {
                    // From offset 0 each time: a kernel file is generated anew there, so a longer buffer gives one consistent text.
                    got = (long)LibC.pread(fd, at, buffer.Length, 0);
                }

                if (got < 0)
                {
                    return Explain(Marshal.GetLastPInvokeError());
                }

                if (got < buffer.Length)
                {
                    length = (int)got;
                    return ReadOutcome.Read;
                }

                buffer = new byte[buffer.Length * 2];
            }
        }
        finally
        {
            _ = LibC.close(fd);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static ReadOutcome Explain(int error)
    {
        if (error == LibC.ENODEV || error == LibC.ESRCH)
        {
            return ReadOutcome.Gone;
        }

        return error == LibC.EACCES || error == LibC.EPERM ? ReadOutcome.Denied : ReadOutcome.Missing;
    }
}
