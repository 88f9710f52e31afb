using Runtime.Hardening.Authoring.Store;

namespace Runtime.Hardening.Cli.Inspection;

/// <summary>Whether a program can be started, and whether a runtime is one: what the hook would stumble on at the next container.</summary>
internal static class ProgramCheck
{
    /// <summary>The hook's file name.</summary>
    public const string Hook = "hardening-hook";

    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // runc, crun, runsc, nvidia-container-runtime; and two that are called otherwise.
    private static readonly string[] s_runtimes = ["run", "youki", "kata"];

    /// <summary>What keeps a program from being started; null when nothing does.</summary>
    public static string? ProblemOf(string path, string chmod = "")
    {
        if (FileTrust.ProblemOf(path) is { } doubt)
        {
            return doubt;
        }

        if (RegularFile.ProblemOf(path) is { } kind)
        {
            return $"{kind} Name a program.";
        }

        return (File.GetUnixFileMode(path) & Executable) == 0
            ? $"'{path}' is not executable. {(chmod.Length == 0 ? $"Run 'chmod 0755 {path}'." : chmod)}"
            : IsProgram(path) ? null : $"'{path}' is neither a program nor a script that says by '#!' what runs it, so the kernel does not start it.";
    }

    /// <summary>The same for a real runtime, which must not be the hook.</summary>
    /// <param name="path">As hook.json names it.</param>
    /// <param name="hook">The hook of this node, where there is one.</param>
    /// <param name="setting">The setting's name, for messages.</param>
    public static string? ProblemOfRuntime(string path, string? hook, string setting)
    {
        string mend = $"Name the real runc or crun as '{setting}' in hook.json.";
        // By device and inode, as the hook looks; and by its name, because there may be a second installation.
        if ((hook is not null && FileTrust.IsSameFile(path, hook)) || NameOf(path) == Hook)
        {
            return $"'{path}' is {Hook} itself, so every container is refused. {mend}";
        }

        string name = NameOf(path);
        return ProblemOf(path, s_runtimes.Any(word => name.Contains(word, StringComparison.Ordinal)) ? "" : mend) is { } problem
            ? $"{problem}{(problem.Contains("hook.json", StringComparison.Ordinal) || problem.Contains("Run 'ch", StringComparison.Ordinal) ? "" : $" {mend}")}"
            : null;
    }

    private static string NameOf(string path)
    {
        try
        {
            return Path.GetFileName(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        }
        catch (IOException)
        {
            return Path.GetFileName(path);   // not there, or links in a circle: the checks say so
        }
    }

    // What execve(2) takes; formats of binfmt_misc are left to it, for nobody runs runc under one.
    private static bool IsProgram(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[4];
        int count = file.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        return start[..count].StartsWith("\u007f"u8) ? start[..count].SequenceEqual("\u007fELF"u8) : start[..count].StartsWith("#!"u8);
    }
}
