using Runtime.Hardening.Authoring.Interop;

namespace Runtime.Hardening.Authoring.Store;

/// <summary>Whether only root can change a file: its owner, its mode, and those of every folder above it.</summary>
public static class FileTrust
{
    /// <summary>What is wrong, with the command that mends it; null when nothing is.</summary>
    /// <param name="path">A file or folder. One that does not exist is a problem too.</param>
    public static string? ProblemOf(string path)
    {
        string full = Path.GetFullPath(path);
        if (FileStatus.TryRead(full, followLink: true) is null)
        {
            return $"'{full}' is not there or cannot be reached.";
        }

        for (string? current = full; current is not null; current = Path.GetDirectoryName(current))
        {
            if (ProblemOfOne(current, mayBeSticky: current != full) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>Whether two paths lead to the same file, by whatever links; false when one leads nowhere.</summary>
    public static bool IsSameFile(string left, string right)
        => FileStatus.TryRead(left, followLink: true) is { } one && FileStatus.TryRead(right, followLink: true) is { } other && one.Identity == other.Identity;

    /// <summary>The same for one entry alone; null also when it does not exist.</summary>
    internal static string? ProblemOfOne(string path, bool mayBeSticky)
    {
        if (FileStatus.TryRead(path, followLink: true) is not { } status)
        {
            return null;
        }

        if (status.Uid != 0)
        {
            return $"'{path}' belongs to uid {status.Uid}, expected root: its owner could change what containers may do. Run 'chown root: {path}' after you have looked at what is in it.";
        }

        if (status.IsWritableByOthers && !(mayBeSticky && status is { IsDirectory: true, IsSticky: true }))
        {
            string mode = Convert.ToString((int)status.Permissions, 8);
            return $"'{path}' is writable by group or others (mode 0{mode}), expected that only root may write. Run 'chmod go-w {path}' after you have looked at what is in it.";
        }

        return null;
    }
}
