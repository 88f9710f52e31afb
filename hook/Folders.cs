using System.Runtime.InteropServices;
using Runtime.Hardening.Hook.Interop;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>Folders that may be missing: the one we are in, and our own: /run is empty after a boot, and the first container may be earlier than everything else of ours.</summary>
internal static class Folders
{
    /// <summary>The folder that we are in; empty where it is gone or not ours to see.</summary>
    public static string Current()
    {
        try
        {
            return Environment.CurrentDirectory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Opens a folder, and makes it with its parents where it is missing.</summary>
    /// <param name="setting">The setting of hook.json that names it, for messages.</param>
    /// <param name="path">The folder.</param>
    /// <param name="mode">Of the folder, not of its parents.</param>
    /// <exception cref="SystemCallException">It cannot be made.</exception>
    public static unsafe Descriptor OpenOrMake(string setting, string path, int mode)
    {
        Descriptor? opened = Descriptor.TryOpen(Descriptor.CurrentDirectory, path, O_RDONLY | O_DIRECTORY, out int errno);
        if (opened is { } found)
        {
            return found;
        }

        if (errno != ENOENT)
        {
            throw new SystemCallException($"opening {setting}", path, errno);
        }

        for (int slash = path.IndexOf('/', 1); ; slash = path.IndexOf('/', slash + 1))
        {
            bool isLast = slash < 0;
            string part = isLast ? path : path[..slash];
            fixed (byte* name = Descriptor.Utf8(part))
            {
                // Somebody else may make it in the same moment: what counts is that it opens in the end. Otherwise the first no is the reason.
                if (mkdirat(AT_FDCWD, name, (mode_t)(uint)(isLast ? mode : 0x1ED)) != 0 && Marshal.GetLastPInvokeError() is var no && no != EEXIST)   // parents 0755
                {
                    throw new SystemCallException($"making {setting}", part, no);
                }
            }

            if (isLast)
            {
                return Descriptor.Open(Descriptor.CurrentDirectory, path, O_RDONLY | O_DIRECTORY);
            }
        }
    }
}
