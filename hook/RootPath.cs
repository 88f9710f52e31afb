using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>One folder of containers, one name: records are found by it. The runtime gets the words as they came.</summary>
internal static class RootPath
{
    /// <summary>
    /// The path made absolute, without empty segments and lone dots, as runc makes it. <c>..</c> stays: where a link is on the way the kernel, and so crun,
    /// comes out elsewhere than runc, which strikes out names.
    /// </summary>
    public static string Of(string root)
        => root.Length == 0 || IsPlain(root) ? root
            : root[0] == '/' ? Plain(root)
            : Folders.Current() is { Length: > 0 } current ? Plain($"{current}/{root}")
            : root;   // of a folder that is gone no runtime makes anything

    // Engines write plain paths: those cost one look at each character.
    private static bool IsPlain(string root)
    {
        if (root[0] != '/')
        {
            return false;
        }

        for (int i = 1; i < root.Length; i++)
        {
            if (root[i - 1] == '/' && (root[i] == '/' || (root[i] == '.' && (i + 1 == root.Length || root[i + 1] == '/'))))
            {
                return false;
            }
        }

        return root.Length == 1 || root[^1] != '/';
    }

    private static string Plain(string root)
        => "/" + string.Join('/', root.Split('/').Where(static segment => segment is not ("" or ".")));

    /// <summary>
    /// The root that a runtime without <c>--root</c> takes from its environment; null where it uses its usual one. crun follows XDG_RUNTIME_DIR whoever
    /// calls it, runc only for a user who is not the host's root.
    /// </summary>
    /// <param name="runtime">Path of the real runtime.</param>
    public static string? OfEnvironment(string runtime)
    {
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is not { Length: > 0 } folder)
        {
            return null;
        }

        string name = Path.GetFileName(runtime);
        string? own = name.Contains("crun", StringComparison.Ordinal) ? "crun" : name.Contains("runc", StringComparison.Ordinal) && IsRootlessToRunc() ? "runc" : null;
        return own is null ? null : Of($"{folder}/{own}");
    }

    // Root of a user namespace keeps the name of the user who made it.
    private static bool IsRootlessToRunc()
        => (uint)geteuid() != 0
            || (Environment.GetEnvironmentVariable("USER") != "root" && !File.ReadAllText("/proc/self/uid_map").EndsWith(" 4294967295\n", StringComparison.Ordinal));
}
