using System.Text.Json.Nodes;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>
/// A container whose root is an overlay over this machine, so that the programs of the machine run in it; described as containerd describes one, with the usual
/// capabilities and containerd's own seccomp profile.
/// </summary>
public sealed class MachineContainer : IDisposable
{
    private readonly Installation _node;
    private readonly string _folder;
    private readonly string[] _files;
    private int _execs;

    /// <param name="node">Whose hook it goes through.</param>
    /// <param name="change">What the engine would describe otherwise.</param>
    /// <param name="arguments">Its program.</param>
    /// <param name="files">Files that it finds in its root folder under their names.</param>
    public MachineContainer(Installation node, Action<JsonNode> change, string[] arguments, params string[] files)
    {
        _node = node;
        _files = files;
        _folder = Directory.CreateTempSubdirectory("hardening-test-machine-").FullName;
        Id = $"hardening-test-machine-{Guid.NewGuid():N}";
        JsonNode spec = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Published.Repository, "tests/Fixtures/bundles/containerd-1.6-seccomp/config.json")))!;
        spec["root"] = new JsonObject { ["path"] = Path.Combine(_folder, "rootfs") };
        spec["process"]!["args"] = Array(arguments);
        spec["process"]!["env"] = Array($"PATH={Environment.GetEnvironmentVariable("PATH")}", "HOME=/tmp", "DOTNET_CLI_TELEMETRY_OPTOUT=1", "DOTNET_NOLOGO=1");
        spec["process"]!.AsObject().Remove("rlimits");
        spec["linux"]!["cgroupsPath"] = $"/{Id}";
        change(spec);
        File.WriteAllText(ConfigFile, spec.ToJsonString());
    }

    public string Id { get; }

    public string ConfigFile => Path.Combine(_folder, "config.json");

    /// <summary>Runs it to its end.</summary>
    public Outcome Run() => Start("run");

    /// <summary>Starts it and leaves it running.</summary>
    public Outcome RunDetached() => Start("run --detach");

    /// <summary>Runs another program in it, described as its own process is.</summary>
    public Outcome Exec(params string[] arguments)
    {
        JsonNode process = JsonNode.Parse(File.ReadAllBytes(ConfigFile))!["process"]!;
        process["args"] = Array(arguments);
        string file = Path.Combine(_folder, $"process-{++_execs}.json");
        File.WriteAllText(file, process.ToJsonString());
        return _node.Hook("--root", Path.Combine(_folder, "state"), "exec", "--process", file, Id);
    }

    public void Kill(string signal) => _node.Hook("--root", Path.Combine(_folder, "state"), "kill", Id, signal).Succeeded();

    /// <summary>Whether it has ended, or does so in time.</summary>
    public bool HasEnded(TimeSpan patience)
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); waited.Elapsed < patience; Thread.Sleep(50))
        {
            if (_node.Hook("--root", Path.Combine(_folder, "state"), "state", Id).Text.Contains("\"stopped\"", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        Command.Run(Installation.RealRuntime, ["--root", Path.Combine(_folder, "state"), "delete", "--force", Id]);
        Directory.Delete(_folder, recursive: true);
    }

    // A mount namespace of its own: whatever happens, the overlay is gone with it and with the container.
    private Outcome Start(string verb) => Command.Run("unshare", ["--mount", "/bin/sh", "-ec", $"""
        mkdir {_folder}/rootfs {_folder}/layer; mount -t tmpfs none {_folder}/layer; mkdir {_folder}/layer/up {_folder}/layer/work
        for file in {string.Join(' ', _files)}; do cp "$file" {_folder}/layer/up/; done
        mount -t overlay overlay -o lowerdir=/,upperdir={_folder}/layer/up,workdir={_folder}/layer/work {_folder}/rootfs
        exec {Published.Hook} --root {_folder}/state {verb} --bundle {_folder} {Id}
        """], _node.Environment);

    private static JsonArray Array(params string[] values) => [.. values.Select(value => (JsonNode)value)];
}
