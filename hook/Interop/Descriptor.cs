using System.Runtime.InteropServices;
using System.Text;
using Runtime.Hardening.Profiles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>
/// A file descriptor that is ours: always close-on-exec, so that the runtime inherits exactly what the engine gave. Raw calls instead of FileStream, because
/// this is the create path: no buffers, no locks, no finalizers.
/// </summary>
internal readonly unsafe struct Descriptor(int value) : IDisposable
{
    // A spec of a few megabytes is the largest seen; beyond this it is a mistake, and memory on the create path is the node's.
    private const int MaxBytes = 64 * 1024 * 1024;

    public static Descriptor CurrentDirectory => new(AT_FDCWD);

    public int Value { get; } = value;

    /// <summary>Opens, or gives null with the errno when the kernel says no.</summary>
    public static Descriptor? TryOpen(Descriptor directory, string path, int flags, out int errno, int mode = 0)
    {
        fixed (byte* name = Utf8(path))
        {
            int fd;
            do
            {
                // Non-blocking means nothing to a regular file, and keeps a FIFO in its place from holding up a container.
                fd = openat(directory.Value, name, flags | O_CLOEXEC | O_NONBLOCK, (mode_t)(uint)mode);
                errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
            }
            while (fd < 0 && errno == EINTR);
            return fd < 0 ? null : new Descriptor(fd);
        }
    }

    /// <summary>Opens.</summary>
    /// <param name="directory">The folder from which a relative path counts.</param>
    /// <param name="path">The path.</param>
    /// <param name="flags">For openat(2).</param>
    /// <param name="mode">Of a new file.</param>
    /// <param name="shown">The path in messages, where a relative one would not tell whose file it is.</param>
    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public static Descriptor Open(Descriptor directory, string path, int flags, int mode = 0, string? shown = null)
        => TryOpen(directory, path, flags, out int errno, mode) ?? throw new SystemCallException("opening", shown ?? path, errno);

    /// <summary>A path as the kernel wants it: UTF-8 with a closing NUL.</summary>
    public static byte[] Utf8(string path)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        return bytes;
    }

    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public stat Stat(string path)
    {
        stat result;
        return fstat(Value, &result) == 0 ? result : throw SystemCallException.Last("fstat of", path);
    }

    /// <summary>Everything from here to the end.</summary>
    /// <exception cref="SystemCallException">The kernel says no.</exception>
    /// <exception cref="HardeningFormatException">The file is larger than we ever want to hold.</exception>
    public byte[] ReadToEnd(string path, long expected)
    {
        byte[] buffer = new byte[Math.Clamp(expected, 511, MaxBytes) + 1];
        int length = 0;
        while (true)
        {
            int count = Read(buffer.AsSpan(length), path);
            if (count == 0)
            {
                return length == buffer.Length ? buffer : buffer.AsSpan(0, length).ToArray();
            }

            length += count;
            if (length > MaxBytes)
            {
                throw new HardeningFormatException($"'{path}' is larger than {MaxBytes >> 20} MiB, which no container needs");
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public int Read(Span<byte> buffer, string path)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                long count = (long)read(Value, start, buffer.Length);
                if (count >= 0)
                {
                    return (int)count;
                }

                if (Marshal.GetLastPInvokeError() != EINTR)
                {
                    throw SystemCallException.Last("reading", path);
                }
            }
        }
    }

    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public void Write(ReadOnlySpan<byte> bytes, string path)
    {
        if (WriteSome(bytes) < bytes.Length)
        {
            throw SystemCallException.Last("writing", path);
        }
    }

    /// <summary>Writes, and gives how many bytes the kernel took before it said no; all of them when it never did.</summary>
    public int WriteSome(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            int written = 0;
            while (written < bytes.Length)
            {
                long count = (long)write(Value, start + written, bytes.Length - written);
                if (count < 0)
                {
                    if (Marshal.GetLastPInvokeError() == EINTR)
                    {
                        continue;
                    }

                    return written;
                }

                written += (int)count;
            }

            return written;
        }
    }

    public void Dispose()
    {
        if (Value >= 0)
        {
            _ = close(Value);
        }
    }
}
