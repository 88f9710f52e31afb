namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>Where cgroups are: the cgroup2 mount, and the path of a process in it.</summary>
internal static class CgroupMount
{
    /// <summary>The first cgroup2 mount in a mountinfo text (`/proc/self/mountinfo`), or null.</summary>
    internal static string? Find(string mountinfo)
    {
        foreach (string line in mountinfo.Split('\n'))
        {
            // proc(5): ID PARENT MAJ:MIN ROOT MOUNTPOINT OPTIONS [OPTIONAL...] - TYPE SOURCE SUPEROPTIONS
            string[] words = line.Split(' ');
            int dash = Array.IndexOf(words, "-");
            if (dash >= 6 && dash + 1 < words.Length && words[dash + 1] == "cgroup2")
            {
                return Unescape(words[4]);
            }
        }

        return null;
    }

    /// <summary>
    /// The path of a process in the v2 hierarchy, from the text of /proc/PID/cgroup (line `0::PATH`). Null when the line is
    /// missing or the cgroup has been removed. A path with `..` lies outside our cgroup namespace and is null too.
    /// </summary>
    internal static string? PathOf(string procCgroup)
    {
        foreach (string line in procCgroup.Split('\n'))
        {
            if (line.StartsWith("0::", StringComparison.Ordinal))
            {
                string path = line[3..];
                bool usable = path.StartsWith('/') && !path.EndsWith(" (deleted)", StringComparison.Ordinal) &&
                              !path.Split('/').Contains("..");
                return usable ? path : null;
            }
        }

        return null;
    }

    /// <summary>crun with systemd keeps processes in a `container` sub-cgroup; the figures to read are the scope's.</summary>
    internal static string Accounting(string path) =>
        path.EndsWith(".scope/container", StringComparison.Ordinal) ? path[..^"/container".Length] : path;

    // mountinfo writes space, tab, newline and backslash as three octal digits.
    private static string Unescape(string path) =>
        path.Replace("\\040", " ").Replace("\\011", "\t").Replace("\\012", "\n").Replace("\\134", "\\");
}
