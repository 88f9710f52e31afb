using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Runtime.Hardening.Profiles.Facts;

/// <summary>Which file a path leads to, by device and inode. The base library does not tell, and statx(2) looks the same on every architecture.</summary>
internal static partial class FileIdentity
{
    // linux/stat.h, linux/fcntl.h
    private const int CurrentDirectory = -100, Length = 256, InodeAt = 32, DeviceAt = 136;
    private const uint WantInode = 0x100;

    /// <summary>Follows links, mounts and the kernel's own links; null where nothing is, or nothing that we may see.</summary>
    public static (ulong Device, ulong Inode)? Of(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            return null;   // no file's name, and the kernel would read up to there
        }

        Span<byte> result = stackalloc byte[Length];
        return Statx(CurrentDirectory, path, 0, WantInode, ref MemoryMarshal.GetReference(result)) == 0
            ? (BinaryPrimitives.ReadUInt64LittleEndian(result[DeviceAt..]), BinaryPrimitives.ReadUInt64LittleEndian(result[InodeAt..]))
            : null;
    }

    [LibraryImport("libc.so.6", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte result);
}
