namespace Runtime.Hardening.Collector.Verification;

/// <summary>Reads processes below a proc mount.</summary>
/// <param name="proc">`/proc`; another folder in tests.</param>
internal sealed class ProcessReader(string proc = "/proc")
{
    private static readonly string[] s_runtimes = ["runc", "crun", "youki", "runsc", "hardening-hook"];

    /// <summary>True: it is still the runtime, preparing. False: it has become the container's program. Null: it is gone.</summary>
    internal bool? IsStillRuntime(uint pid)
    {
        if (TryRead(pid, "cmdline") is not { } commandLine)
        {
            return null;
        }

        if (commandLine.Length == 0)
        {
            // A zombie has no command line, and neither has a process in the middle of its execve: only the latter is worth waiting for.
            string? status = TryRead(pid, "status");
            return status is null || status.Contains("\nState:\tZ", StringComparison.Ordinal) || status.Contains("\nState:\tX", StringComparison.Ordinal) ? null : true;
        }

        string[] arguments = commandLine.TrimEnd('\0').Split('\0');
        if (arguments.Length == 2 && arguments[1] == "init" && Path.GetFileName(arguments[0]) is "runc" or "exe")
        {
            return true;
        }

        // runc runs from a sealed copy of itself in memory; a container's program has a path.
        string? executable = TryLink(pid, "exe");
        return executable is not null && (executable.StartsWith("/memfd:runc", StringComparison.Ordinal) ||
            (s_runtimes.Contains(Path.GetFileName(executable)) && SharesOurMounts(pid)));
    }

    /// <summary>The process's security state, or null when it is gone.</summary>
    /// <exception cref="FormatException">The files are not what the kernel documents.</exception>
    internal ProcessSecurity? Read(uint pid)
    {
        // The module's own file first: attr/current belongs to whichever security module is the default one.
        string? label = TryRead(pid, "attr/apparmor/current") ?? TryRead(pid, "attr/current");
        return TryRead(pid, "status") is { Length: > 0 } status
            ? ProcessSecurity.Parse(status, string.IsNullOrWhiteSpace(label) ? null : label)
            : null;
    }

    // A program called runc inside a container (Docker in Docker) has the container's mounts, not ours.
    private bool SharesOurMounts(uint pid)
    {
        string? own = new FileInfo(Path.Combine(proc, "self/ns/mnt")).LinkTarget;
        return own is null || own == TryLink(pid, "ns/mnt");
    }

    private string? TryRead(uint pid, string file)
    {
        try
        {
            return File.ReadAllText(PathOf(pid, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // gone, or a security module that is not there: the kernel answers EINVAL then
        }
    }

    private string? TryLink(uint pid, string file)
    {
        try
        {
            return new FileInfo(PathOf(pid, file)).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string PathOf(uint pid, string file) => Path.Combine(proc, pid.ToString(System.Globalization.CultureInfo.InvariantCulture), file);
}
