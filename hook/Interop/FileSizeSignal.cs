using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>
/// SIGXFSZ, by which the kernel kills whoever writes beyond RLIMIT_FSIZE. While we write it is ignored: write(2) then fails with EFBIG, which is a sentence and
/// leaves no temporary file behind.
/// </summary>
internal static unsafe class FileSizeSignal
{
    private static sigaction s_before;
    private static bool s_isIgnored;

    /// <summary>Ignores it from here on.</summary>
    public static void Ignore()
    {
        sigaction ignore = default;
        ignore.sa_handler = (delegate* unmanaged<int, void>)SIG_IGN;
        fixed (sigaction* before = &s_before)
        {
            s_isIgnored = sigaction(SIGXFSZ, &ignore, before) == 0;
        }
    }

    /// <summary>Gives it back as it was inherited, for the program that we become.</summary>
    public static void Restore()
    {
        if (s_isIgnored)
        {
            fixed (sigaction* before = &s_before)
            {
                _ = sigaction(SIGXFSZ, before, null);
            }
        }
    }
}
