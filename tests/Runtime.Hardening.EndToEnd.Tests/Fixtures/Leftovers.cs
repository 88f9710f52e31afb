namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>
/// What containers can leave behind on a private node. Records are not in it: they stay for five minutes, in case a container is only just starting, and
/// that they go then is seen in an emulated machine, whose clock can be put forward.
/// </summary>
public static class Leftovers
{
    /// <summary>Mounts, cgroups, processes and files, one line each.</summary>
    public static IReadOnlyList<string> Of(ContainerdNode node)
    {
        string folder = node.Installation.Folder;
        return
        [
            .. File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')[4]).Where(path => path.StartsWith(folder, StringComparison.Ordinal)).Select(path => $"mount {path}"),
            .. Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(mount => Path.Combine(mount, node.Hardened)).Where(Directory.Exists)
                .SelectMany(parent => Directory.GetDirectories(parent)).Select(path => $"cgroup {path}"),
            .. CommandLines().Where(line => line.Contains(node.Socket, StringComparison.Ordinal)).Select(line => $"process {line}"),
            .. new[] { "state", "containerd", "records", "root/io.containerd.snapshotter.v1.native/snapshots" }.Select(part => Path.Combine(folder, part)).Where(Directory.Exists)
                .SelectMany(part => Directory.GetFileSystemEntries(part, "*", SearchOption.AllDirectories)).Where(path => !IsRecord(path)).Select(path => $"file {path}"),
        ];
    }

    /// <summary>How many files containerd has open.</summary>
    public static int DescriptorsOf(ContainerdNode node) => Directory.GetFileSystemEntries($"/proc/{node.Process}/fd").Length;

    /// <summary>The command lines of all processes of the machine.</summary>
    public static IEnumerable<string> CommandLines() => Directory.GetDirectories("/proc").Select(CommandLine);

    private static bool IsRecord(string path) => path.Contains("/records/", StringComparison.Ordinal) && Path.GetFileName(path)[0] != '.';

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // no process, or gone meanwhile
        }
    }
}
