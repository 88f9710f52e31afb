using System.Text;
using Tmds.Linux;

namespace Runtime.Hardening.Collector.Interop;

/// <summary>What kind of file a name leads to, which the framework does not tell for sockets.</summary>
internal static unsafe class FileKind
{
    /// <summary>Whether the name itself, not what it may link to, is a unix socket.</summary>
    internal static bool IsSocket(string path)
    {
        stat status;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return LibC.lstat(name, &status) == 0 && ((uint)status.st_mode & (uint)LibC.S_IFMT) == (uint)LibC.S_IFSOCK;
        }
    }
}
