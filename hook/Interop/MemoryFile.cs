using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>A file that exists in memory alone and that nobody can change any more (memfd_create(2)): what the runtime reads in place of what it was given.</summary>
internal static unsafe partial class MemoryFile
{
    // linux/memfd.h, linux/fcntl.h. A kernel that is told to (vm.memfd_noexec) refuses files without the last one, and one older than 6.3 does not know it.
    private const uint CloseOnExec = 1, AllowSealing = 2, NoExec = 8;
    private const int AddSeals = 1033;
    private const int AllSeals = 0xF;   // no further seal, no shrinking, no growing, no writing

    [LibraryImport("libc.so.6", EntryPoint = "memfd_create", SetLastError = true)]
    private static partial int Create(byte* name, uint flags);

    /// <summary>Makes a sealed file whose position is its beginning.</summary>
    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public static Descriptor Make(string name, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* text = Descriptor.Utf8(name))
        {
            int fd = Create(text, CloseOnExec | AllowSealing | NoExec);
            if (fd < 0 && Marshal.GetLastPInvokeError() == EINVAL)
            {
                fd = Create(text, CloseOnExec | AllowSealing);
            }

            var file = fd >= 0 ? new Descriptor(fd) : throw SystemCallException.Last("memfd_create of", name);
            file.Write(bytes, name);
            return (long)lseek(fd, 0, SEEK_SET) == 0 && fcntl(fd, AddSeals, AllSeals) == 0 ? file : throw SystemCallException.Last("sealing", name);
        }
    }

    /// <summary>Puts the file in the place of an inherited descriptor.</summary>
    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public static void PutAt(Descriptor file, int place)
    {
        if (dup2(file.Value, place) < 0)   // the copy is not close-on-exec
        {
            throw SystemCallException.Last("dup2 to", place.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <summary>A second descriptor of the file that the next program inherits.</summary>
    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public static int Inherited(Descriptor file)
    {
        int copy = dup(file.Value);
        return copy >= 0 ? copy : throw SystemCallException.Last("dup of", "a file in memory");
    }
}
