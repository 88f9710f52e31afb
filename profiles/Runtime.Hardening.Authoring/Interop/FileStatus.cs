using System.Runtime.InteropServices;

namespace Runtime.Hardening.Authoring.Interop;

/// <summary>Owner, mode and kind of a file: statx(2), whose structure is the same on every architecture.</summary>
internal readonly partial record struct FileStatus(uint Mode, uint Uid, long Size, (uint Major, uint Minor, ulong Inode) Identity)
{
    private const int AtFdCwd = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasicStats = 0x7ff;

    public bool IsRegularFile => (Mode & 0xF000) == 0x8000;

    public bool IsDirectory => (Mode & 0xF000) == 0x4000;

    public bool IsSymbolicLink => (Mode & 0xF000) == 0xA000;

    /// <summary>What it is, for messages.</summary>
    public string Kind => (Mode & 0xF000) switch
    {
        0x1000 => "a pipe",
        0x2000 or 0x6000 => "a device",
        0x4000 => "a folder",
        0x8000 => "a file",
        0xA000 => "a symbolic link",
        _ => "a socket",
    };

    public bool IsSticky => (Mode & 0x200) != 0;

    /// <summary>Group or others may write.</summary>
    public bool IsWritableByOthers => (Mode & 0b010_010) != 0;

    /// <summary>The permission bits, as chmod writes them.</summary>
    public uint Permissions => Mode & 0xFFF;

    /// <summary>Null when there is no such file or it cannot be reached.</summary>
    public static FileStatus? TryRead(string path, bool followLink)
        => Statx(AtFdCwd, path, followLink ? 0 : AtSymlinkNoFollow, StatxBasicStats, out StatxBuffer buffer) == 0
            ? Of(buffer)
            : null;

    /// <summary>Of an open file.</summary>
    public static FileStatus? TryRead(SafeHandle handle)
        => Statx((int)handle.DangerousGetHandle(), "", AtEmptyPath, StatxBasicStats, out StatxBuffer buffer) == 0
            ? Of(buffer)
            : null;

    private static FileStatus Of(in StatxBuffer buffer)
        => new(buffer.Mode, buffer.Uid, (long)buffer.Size, (buffer.Major, buffer.Minor, buffer.Inode));

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);

    // linux/stat.h: 256 bytes, of which only these are read.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(20)] public uint Uid;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(136)] public uint Major;
        [FieldOffset(140)] public uint Minor;
    }
}
