using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Runtime.Hardening.Profiles.Journal;
using Tmds.Linux;

namespace Runtime.Hardening.Collector.Journal;

/// <summary>One open segment, read line by line. It stays readable when it is renamed or pruned.</summary>
internal sealed class SegmentFile : IDisposable
{
    private const int MaxLineBytes = 8 * 1024 * 1024; // above any segment's own bound: more is no line of ours

    private readonly SafeFileHandle _handle;
    private byte[] _buffer = new byte[64 * 1024];
    private int _start, _end;
    private long _offset;

    private SegmentFile(SafeFileHandle handle, string path) => (_handle, Path) = (handle, path);

    internal string Path { get; }

    /// <summary>Sequence number of the segment's first line.</summary>
    internal long First { get; private set; }

    /// <summary>Sequence number of the line that <see cref="TryReadLine"/> reads next.</summary>
    internal long Next { get; private set; }

    /// <summary>Nobody will append to it any more.</summary>
    internal bool IsClosed => (File.GetUnixFileMode(_handle) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite)) == 0;

    /// <summary>Bytes were taken away from a segment that we were reading.</summary>
    internal bool IsTruncated => RandomAccess.GetLength(_handle) < _offset;

    /// <summary>Opens a segment whose header stands; null when it is gone, or its header is not written yet.</summary>
    internal static SegmentFile? TryOpen(string path)
    {
        if (OpenUnlocked(path) is not { } handle)
        {
            return null; // rotated or pruned since it was listed
        }

        var segment = new SegmentFile(handle, path);
        if (segment.TryReadLine(out ReadOnlySpan<byte> header) && JournalSegment.TryParseHeader(header, out _, out long first, out _))
        {
            segment.First = segment.Next = first;
            return segment;
        }

        segment.Dispose();
        return null;
    }

    // The framework would hold a shared flock(2) as long as the file is open, and a segment can only be closed under an exclusive one: it would grow for ever.
    private static unsafe SafeFileHandle? OpenUnlocked(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            int fd = LibC.open(name, LibC.O_RDONLY | LibC.O_CLOEXEC | LibC.O_NOFOLLOW | LibC.O_NONBLOCK);
            if (fd >= 0)
            {
                return new SafeFileHandle(fd, ownsHandle: true);
            }

            int error = Marshal.GetLastPInvokeError();
            return error == LibC.ENOENT ? null : throw new IOException($"'{path}' cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    /// <summary>
    /// How many lines of the stream found no room on the disk, as the header says now; the hook overwrites it while we look. Null when it does so in this
    /// very moment.
    /// </summary>
    internal long? ReadUnwritten()
    {
        Span<byte> once = stackalloc byte[256], again = stackalloc byte[256];
        int length = RandomAccess.Read(_handle, once, 0);
        return RandomAccess.Read(_handle, again, 0) >= length && JournalSegment.TryParseHeader(once[..length], out _, out _, out long unwritten)
            && JournalSegment.TryParseHeader(again[..length], out _, out _, out long second) && unwritten == second
            ? unwritten
            : null;
    }

    /// <summary>Takes the next whole line, without its newline. False: nothing more for now.</summary>
    internal bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            int newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = _buffer.AsSpan(_start, newline);
                _start += newline + 1;
                Next++;
                return true;
            }

            if (!Fill())
            {
                line = default;
                return false;
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MaxLineBytes)
            {
                throw new InvalidDataException($"{Path}: a line is longer than {MaxLineBytes} bytes; the file is no journal segment.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int got = RandomAccess.Read(_handle, _buffer.AsSpan(_end), _offset);
        _offset += got;
        _end += got;
        return got > 0;
    }
}
