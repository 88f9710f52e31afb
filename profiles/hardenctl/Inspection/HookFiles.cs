using System.Text.Json;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Cli.Engines;

namespace Runtime.Hardening.Cli.Inspection;

/// <summary>One OCI hook file of ours.</summary>
/// <param name="Path">On the node.</param>
/// <param name="Stages">When it runs; empty where it cannot be read.</param>
/// <param name="Value">For people: the stages and the program.</param>
/// <param name="Problem">What keeps it from working, or null.</param>
internal sealed record HookFile(string Path, IReadOnlyList<string> Stages, string Value, string? Problem);

/// <summary>Our files in the folders in which Podman and CRI-O look for OCI hooks: an engine may pass over one that does not work, and say nothing.</summary>
internal static class HookFiles
{
    /// <summary>The folders: two that Podman and CRI-O read, one that our containers.conf names to Podman alone.</summary>
    public static readonly string[] Folders = ["/usr/share/containers/oci/hooks.d", "/etc/containers/oci/hooks.d", "/etc/hardening/podman-hooks.d"];

    public static IEnumerable<HookFile> Find(NodePaths node)
        => Folders.Where(f => Directory.Exists(node.Under(f)))
            .SelectMany(f => Directory.EnumerateFileSystemEntries(node.Under(f), "50-hardening-*.json").Order(StringComparer.Ordinal))
            .Select(path => Read(node, path));

    private static HookFile Read(NodePaths node, string path)
    {
        string shown = node.OnNode(path);
        string program;
        string[] stages;
        try
        {
            using JsonDocument json = JsonDocument.Parse(RegularFile.ReadAllBytes(path));
            program = json.RootElement.GetProperty("hook").GetProperty("path").GetString() ?? "";
            stages = [.. json.RootElement.GetProperty("stages").EnumerateArray().Select(s => s.GetString() ?? "")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return new HookFile(shown, [], "unusable", $"'{shown}' is no hook file that an engine could read: {e.Message} Install it again from packaging/hooks.");
        }

        return new HookFile(shown, stages, $"{string.Join(' ', stages)}: {program}", Problem(node, path, program));
    }

    private static string? Problem(NodePaths node, string path, string program)
        => program.Length == 0 || program[0] != '/' ? $"The program '{program}' is no absolute path. Install the file again from packaging/hooks."
            : ProgramCheck.ProblemOf(node.Under(program)) is { } problem
                ? $"{problem} Podman passes over a hook file whose program is missing and starts containers without it: install the program again, or remove the file."
            : node.Root == "/" ? FileTrust.ProblemOf(path) : null;
}
