using System.Globalization;
using System.Text.Json;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>
/// Debian's Docker beside a private containerd, with sockets, storage, state and cgroup parent of its own. It makes no bridge and no packet filter rule, so its
/// containers have no network. The machine's own Docker is never asked for anything.
/// </summary>
public sealed class DockerNode : IAsyncLifetime
{
    // By path: a machine may have another Docker first in PATH.
    private const string DaemonProgram = "/usr/sbin/dockerd", ClientProgram = "/usr/bin/docker", Image = "probe";
    private static int s_count;

    // Docker mounts files of its own from there into each container, and the shipped bases deny mounts of /tmp.
    private readonly string _folder = $"/var/tmp/hardening-test-docker-{System.Environment.ProcessId}";
    private readonly string _parent = $"/hardening-test-docker-{System.Environment.ProcessId}";
    private readonly TestImage _image;
    private Background? _containerd, _daemon;
    private string _atStart = "";

    public DockerNode(TestImage image) => _image = image;

    public Installation Installation { get; } = new();

    /// <summary>What dockerd warned of until it had no container yet, and whatever it says since then of what it asks of runtimes.</summary>
    public IEnumerable<string> Warnings => _daemon!.Log.Split('\n').Where(static line => line.Contains("level=warning", StringComparison.Ordinal) || line.Contains("level=error", StringComparison.Ordinal))
        .Where(line => _atStart.Contains(line, StringComparison.Ordinal) || line.Contains("failed to retrieve", StringComparison.Ordinal));

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        try
        {
            await StartAsync();
        }
        catch
        {
            await DisposeAsync();   // nobody else does it for a fixture that did not come up
            throw;
        }
    }

    private async Task StartAsync()
    {
        foreach (string program in new[] { DaemonProgram, ClientProgram })
        {
            Assert.True(File.Exists(program), $"{program} not found. These tests run Debian's own Docker: apt-get install docker.io (and docker-cli where that is a package of its own).");
        }

        string containerd = Path.Combine(_folder, "containerd.sock"), settings = Path.Combine(_folder, "containerd.toml"), daemon = Path.Combine(_folder, "daemon.json");
        await File.WriteAllTextAsync(settings, $"""
            version = 2
            root = "{_folder}/containerd/root"
            state = "{_folder}/containerd/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
            [grpc]
              address = "{containerd}"
            """);
        // As a node engineer writes it; a file of the machine's own is not read.
        await File.WriteAllTextAsync(
            daemon, $$"""{ "default-runtime": "hardened", "runtimes": { "hardened": { "path": {{JsonSerializer.Serialize(Published.Hook)}} } } }""");
        _containerd = new Background("containerd", ["--config", settings], Installation.Environment);
        await Wait.UntilAsync(
            () => File.Exists(containerd) && Command.Run("ctr", ["--address", containerd, "version"]).ExitCode == 0,
            TimeSpan.FromSeconds(30), () => $"containerd did not answer:\n{_containerd.Log}");
        _daemon = new Background(
            DaemonProgram,
            [
                "--config-file", daemon, "--containerd", containerd, "--host", Socket, "--data-root", Path.Combine(_folder, "root"),
                "--exec-root", Path.Combine(_folder, "exec"), "--pidfile", Path.Combine(_folder, "docker.pid"), "--storage-driver", "vfs",
                "--cgroup-parent", _parent, "--exec-opt", "native.cgroupdriver=cgroupfs",
                "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
            ],
            Installation.Environment);
        await Wait.UntilAsync(() => _daemon.HasExited || Docker("version").ExitCode == 0, TimeSpan.FromSeconds(60), () => $"dockerd did not answer:\n{_daemon.Log}");
        Assert.False(_daemon.HasExited, $"dockerd ended at once:\n{_daemon.Log}");
        _atStart = _daemon.Log;
        string archive = Path.Combine(_folder, "image.tar");
        Command.Run("tar", ["-C", _image.RootFilesystem, "-cf", archive, "."]).Succeeded();
        Docker("import", archive, Image).Succeeded();
    }

    private string Socket => $"unix://{_folder}/docker.sock";

    /// <summary>Runs docker.</summary>
    public Outcome Docker(params string[] arguments) => Command.Run(
        ClientProgram, ["--host", Socket, .. arguments], new Dictionary<string, string> { ["DOCKER_CONFIG"] = Path.Combine(_folder, "client") });

    /// <summary><c>docker run</c> of the test image, by the default runtime (which is the hook) unless the options say otherwise.</summary>
    public Outcome Run(string[] options, params string[] program) => Docker(["run", "--network", "none", .. options, Image, .. program]);

    /// <summary>The same for a container that stays; gives its id.</summary>
    public string Start(params string[] options)
        => Run(["--detach", "--name", $"d{Interlocked.Increment(ref s_count)}", .. options], "/bin/sleep", "600").Succeeded().Text.Trim();

    /// <summary>The container's first process, as the host numbers it.</summary>
    public int ProcessOf(string id) => int.Parse(Inspect(id, "{{.State.Pid}}"), CultureInfo.InvariantCulture);

    /// <summary>One field of <c>docker inspect</c>.</summary>
    public string Inspect(string id, string format) => Docker("inspect", "--format", format, id).Succeeded().Text.Trim();

    /// <summary>What dockerd had containerd write for the runtime, while the container runs.</summary>
    public string SpecOf(string id) => Path.Combine(_folder, "containerd/state/io.containerd.runtime.v2.task/moby", id, "config.json");

    /// <summary>The cgroup of a container.</summary>
    public Cgroup CgroupOf(string id) => new($"{_parent[1..]}/{id}");

    /// <summary>The file of a container's record. dockerd gives all entries the same <c>--root</c>, whatever they are called.</summary>
    public string RecordOf(string id) => Path.Combine(Installation.Folder, "records", RecordKey.FileName(Path.Combine(_folder, "exec/runtime-runc/moby"), id));

    /// <summary>What there still is of a container: files, mounts, cgroups and processes, one line each. Its record is not looked for.</summary>
    public IReadOnlyList<string> LeftOf(string id) =>
    [
        .. Command.Run("find", [$"{_folder}/containerd/state", $"{_folder}/exec", $"{_folder}/root/containers", "-name", $"*{id}*", "-printf", "file %p\\n"])
            .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(id, StringComparison.Ordinal)).Select(static line => $"mount {line}"),
        .. Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(hierarchy => $"{hierarchy}{_parent}/{id}").Where(Directory.Exists).Select(static path => $"cgroup {path}"),
        .. Leftovers.CommandLines().Where(line => line.Contains(id, StringComparison.Ordinal)).Select(static line => $"process {line}"),
    ];

    public ValueTask DisposeAsync()
    {
        if (_daemon is { HasExited: false })
        {
            string[] all = Docker("ps", "--all", "--quiet").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Docker(["rm", "--force", .. all]);
        }

        _daemon?.Dispose();
        _containerd?.Dispose();
        Remains.RemoveCgroup(_parent);
        string[] mounts = [.. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(_folder, StringComparison.Ordinal))];
        Assert.True(mounts.Length == 0, $"dockerd has ended, and these mounts of it are still there:\n{string.Join('\n', mounts)}");
        Installation.Dispose();
        Remains.Remove(_folder);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Tests that share one private Docker.</summary>
[CollectionDefinition(Name)]
public sealed class OneDocker : ICollectionFixture<DockerNode>
{
    public const string Name = "one docker";
}
