using System.Diagnostics;
using System.Text.Json;
using Runtime.Hardening.Cli.Inspection;

namespace Runtime.Hardening.Cli.Engines;

/// <summary>Every runtime entry of every engine on the node: through the hook, or round it.</summary>
internal sealed class NodeEngines(NodePaths node, string hook)
{
    private static readonly string[] ProgramFolders = ["/usr/bin", "/usr/sbin", "/usr/local/bin"];

    /// <param name="config">containerd's main configuration file.</param>
    /// <param name="containerdProgram">Name or path of containerd's binary.</param>
    /// <exception cref="EngineException">containerd is there, but does not accept its configuration.</exception>
    public List<NodeEntry> List(string config, string containerdProgram)
    {
        List<NodeEntry> entries = [];
        if (Programs.Find(containerdProgram) is { } containerd)
        {
            entries.AddRange(Containerd(config, new ContainerdProgram(containerd)));
        }

        entries.AddRange(Docker());
        entries.AddRange(Other("podman", "podman", "/etc/containers/containers.conf", "its own runtime (crun or runc)"));
        entries.AddRange(Other("cri-o", "crio", "/etc/crio/crio.conf", "its own runtimes (crun by default)"));
        return entries;
    }

    private IEnumerable<NodeEntry> Containerd(string config, ContainerdProgram containerd)
    {
        ContainerdSettings effective = new ContainerdEngine(node, containerd, config, TimeProvider.System).Effective();
        // Under another root nothing runs: what this machine runs says nothing about an image.
        DateTime? started = node.Root == "/" ? RunningSince(config) : null;
        bool stale = started < (File.Exists(node.Under(config)) ? File.GetLastWriteTimeUtc(node.Under(config)) : DateTime.MinValue);
        foreach ((string name, object value) in effective.CriDisabled ? [] : effective.Runtimes)
        {
            string binary = ContainerdSettings.BinaryOf((Dictionary<string, object>)value);
            bool ours = IsHook(binary);
            string note = !ours ? "goes round us: pods whose RuntimeClass names it" + (name == effective.DefaultRuntime ? ", and all pods that name none" : "")
                : !File.Exists(node.Under(hook)) ? $"'{hook}' is not there: every container of this entry fails"
                : stale ? "containerd was started before its configuration was changed: restart it" : "";
            yield return new NodeEntry("containerd", name, binary, ours && note.Length == 0, name == effective.DefaultRuntime, note);
        }

        if (effective.CriDisabled)
        {
            yield return new NodeEntry("containerd", "(CRI)", "-", false, false, "switched off in its configuration: no Kubernetes pods here");
        }

        yield return new NodeEntry("containerd", "(ctr, nerdctl)", "runc", false, true, $"goes round us unless called with --runc-binary {hook}");
    }

    private IEnumerable<NodeEntry> Docker()
    {
        string settings = node.Under("/etc/docker/daemon.json");
        if (!File.Exists(settings) && Find("dockerd") is null)
        {
            yield break;
        }

        Dictionary<string, string> runtimes = new() { ["runc"] = "runc" };
        string standard = "runc";
        string problem = "";
        try
        {
            using JsonDocument document = JsonDocument.Parse(ConfigFile.ReadBytes(settings) ?? "{}"u8.ToArray());
            standard = document.RootElement.TryGetProperty("default-runtime", out JsonElement name) ? name.GetString() ?? standard : standard;
            if (document.RootElement.TryGetProperty("runtimes", out JsonElement listed))
            {
                foreach (JsonProperty runtime in listed.EnumerateObject())
                {
                    runtimes[runtime.Name] = runtime.Value.TryGetProperty("path", out JsonElement path) ? path.GetString() ?? "" :
                        runtime.Value.TryGetProperty("options", out JsonElement options) && options.TryGetProperty("BinaryName", out JsonElement binary) ? binary.GetString() ?? "" : "runc";
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            problem = $"'{settings}' cannot be read: {e.Message} ";
        }

        foreach ((string name, string path) in runtimes)
        {
            bool ours = IsHook(path);
            yield return new NodeEntry("docker", name, path, ours, name == standard,
                problem + (ours ? "" : "goes round us: setting Docker up is for a later version of hardenctl"));
        }
    }

    private IEnumerable<NodeEntry> Other(string engine, string program, string settings, string runtime)
    {
        if (Find(program) is not null || File.Exists(node.Under(settings)))
        {
            // A gate holds what no policy hardens, and a filter does not see an exec: neither makes the entry a covered one.
            string[] stages = [.. HookFiles.Find(node).Where(f => f.Problem is null).SelectMany(f => f.Stages).Where(s => engine == "podman" || s != "precreate")];
            yield return new NodeEntry(engine, "(all)", runtime, false, true, stages.Length == 0
                ? $"goes round us: setting {engine} up is for a later version of hardenctl"
                : $"no runtime entry of ours, but hook files: {(stages.Contains("precreate") ? "the filter (precreate) hardens containers, not their execs; " : "")}{(stages.Contains("createRuntime") ? "the gate (createRuntime) stops what did not come through us; " : "")}details in 'hardenctl node status'");
        }
    }

    private string? Find(string program)
        => node.Root == "/" ? Programs.Find(program) : ProgramFolders.Select(f => node.Under($"{f}/{program}")).FirstOrDefault(File.Exists);

    private bool IsHook(string binary)
        => binary == hook || (binary.StartsWith('/') && File.Exists(binary) && File.ResolveLinkTarget(binary, returnFinalTarget: true)?.FullName == hook);

    /// <summary>When the containerd that reads this file was started, the oldest if there are several; null if none runs.</summary>
    private static DateTime? RunningSince(string config)
    {
        DateTime? oldest = null;
        foreach (Process process in Process.GetProcessesByName("containerd"))
        {
            using (process)
            {
                try
                {
                    string[] arguments = File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0');
                    if (ConfigOf(arguments) == config)
                    {
                        DateTime started = process.StartTime.ToUniversalTime();
                        oldest = oldest < started ? oldest : started;
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    // It ended between the listing and the look.
                    continue;
                }
            }
        }

        return oldest;
    }

    /// <summary>The configuration file that a containerd command line names: Docker's own containerd, say, reads another one.</summary>
    private static string ConfigOf(string[] arguments)
    {
        int named = Array.FindIndex(arguments, a => a is "--config" or "-c" or "-config");
        string? joined = Array.Find(arguments, a => a.StartsWith("--config=", StringComparison.Ordinal) || a.StartsWith("-c=", StringComparison.Ordinal));
        return joined is not null ? joined[(joined.IndexOf('=', StringComparison.Ordinal) + 1)..]
            : named >= 0 && named + 1 < arguments.Length ? arguments[named + 1] : "/etc/containerd/config.toml";
    }
}
