using Runtime.Hardening.Authoring.Store;

namespace Runtime.Hardening.Cli.Inspection;

/// <summary>The settings file and the folders of a node as the hook meets them.</summary>
internal static class NodeChecks
{
    /// <summary>What keeps the hook from using its settings; null when nothing does.</summary>
    public static string? Settings(string path)
        => File.ResolveLinkTarget(path, returnFinalTarget: false) is { } target
            ? $"'{path}' is a symbolic link to '{target.FullName}', which the hook does not follow: every default holds. Put the file itself there."
            : FileTrust.ProblemOf(path);

    /// <summary>What keeps the hook from writing into a folder; null when nothing does.</summary>
    /// <param name="path">The folder. One that is not there is made by its first writer, if there can be one.</param>
    /// <param name="setting">The setting's name, for messages.</param>
    public static string? Folder(string path, string setting)
    {
        string existing = path;
        while (!Path.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            if (RegularFile.LinkProblemOf(existing) is { } dangling)
            {
                return $"{dangling} Make that folder, or name another '{setting}' in hook.json.";
            }

            existing = parent;
        }

        return !Directory.Exists(existing)
            ? $"'{existing}' is no folder, so nothing can be written to '{path}'. Remove it, or name another '{setting}' in hook.json."
            : (existing == path ? FileTrust.ProblemOf(path) : null) ?? Unwritable(existing, path, setting);
    }

    // Asked of the kernel by doing it: modes say nothing about /proc, a read-only disk or an immutable folder. Only root's answer is the hook's.
    private static string? Unwritable(string existing, string path, string setting)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return null;
        }

        string probe = Path.Combine(existing, $".hardenctl-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(probe);
            Directory.Delete(probe);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string effect = setting == "journal" ? "decisions are not journaled" : "containers that a policy would harden are refused";
            return $"'{path}' cannot be {(existing == path ? "written" : "made")}, so {effect} ({e.Message.TrimEnd('.')}). Name another '{setting}' in hook.json, or make '{existing}' writable.";
        }
    }
}
