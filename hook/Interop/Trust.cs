using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>Whether a file may tell us what to do: only when nobody but its owner can write it, and the owner is root or ourselves.</summary>
internal static class Trust
{
    private const uint WritableByOthers = 0x12;   // 0022
    private const uint Sticky = 0x200;            // 01000

    /// <summary>Why it may not, or null.</summary>
    public static string? Doubt(stat status, string path, bool stickyIsFine = false)
    {
        uint mode = (uint)status.st_mode;
        if ((uint)status.st_uid != 0 && (uint)status.st_uid != (uint)geteuid())
        {
            return $"'{path}' is owned by uid {(uint)status.st_uid} instead of root; run: chown root '{path}'";
        }

        return (mode & WritableByOthers) == 0 || (stickyIsFine && (mode & Sticky) != 0)
            ? null
            : $"'{path}' is writable by others (mode {Convert.ToString(mode & 0xFFF, 8)}); run: chmod go-w '{path}'";
    }

    /// <summary>Why a file at an arbitrary place may not: every folder on the way counts, and none may be a symbolic link.</summary>
    public static string? DoubtOfPath(string path)
    {
        if (!path.StartsWith('/') || path.Contains("/../", StringComparison.Ordinal))
        {
            return $"'{path}' is not an absolute path without '..'";
        }

        Descriptor current = Descriptor.Open(Descriptor.CurrentDirectory, "/", O_PATH | O_DIRECTORY);
        string walked = "";
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            walked += "/" + name;
            Descriptor? next = Descriptor.TryOpen(current, name, O_PATH | O_NOFOLLOW, out int errno);
            current.Dispose();
            if (next is not { } found)
            {
                return new SystemCallException("opening", walked, errno).Message;
            }

            current = found;
            stat status = found.Stat(walked);
            bool isLink = ((uint)status.st_mode & (uint)S_IFMT) == (uint)S_IFLNK;
            if ((isLink ? $"'{walked}' is a symbolic link" : Doubt(status, walked, stickyIsFine: walked.Length < path.Length)) is { } doubt)
            {
                current.Dispose();
                return doubt;
            }
        }

        current.Dispose();
        return null;
    }
}
