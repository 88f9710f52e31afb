using System.Globalization;
using System.Net.Sockets;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>
/// A node to install on: this machine's own files, seen through layers that take every change, in mount and process namespaces of
/// their own. Disposing ends every process in it and with them its mounts; the machine has seen nothing.
/// </summary>
public sealed class NodeWorld : IDisposable
{
    public const string Config = "/etc/containerd/config.toml";

    // /run cannot execute, as on Debian and Ubuntu. The layers' own folder is a tmpfs: a layer cannot lie on another layer.
    private const string Layers = """
        set -e
        mount -t tmpfs world "$1"
        for folder in etc usr var; do
          mkdir -p "$1/$folder/changes" "$1/$folder/work"
          mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$1/$folder/changes,workdir=$1/$folder/work" "/$folder"
        done
        mount -t tmpfs -o noexec,nosuid,nodev run /run
        echo ready
        # Process 1 of a node takes in what others leave behind; a shell that waits does.
        while :; do sleep 600 & wait $!; done
        """;

    private const string Settings = """
        # The node's own settings.
        version = 2
        [plugins."io.containerd.internal.v1.opt"]
          path = "/var/lib/containerd/opt"
        [plugins."io.containerd.grpc.v1.cri".cni]
          conf_dir = "/var/lib/containerd/cni"
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
          runtime_type = "io.containerd.runc.v2"
          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
            SystemdCgroup = true

        """;

    private static int s_count;
    private readonly string _folder = Directory.CreateTempSubdirectory("hardening-test-node-").FullName;
    private readonly string _namespace = $"hardening-test-{Environment.ProcessId}-node{Interlocked.Increment(ref s_count)}";
    private readonly Background _world;
    private readonly string _target;

    public NodeWorld()
    {
        _world = new("unshare", ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private", "/bin/sh", "-c", Layers, "sh", _folder]);
        try
        {
            _target = Prepare();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Outcome Run(string program, params string[] arguments) => Enter(_target, program, arguments);

    public Outcome Install(params string[] options)
        => Run(Path.Combine(Published.Repository, "install.sh"), options.Contains("--programs") || options.Contains("--uninstall") ? options : ["--programs", Published.Folder, .. options]);

    public Outcome Ctr(params string[] arguments) => Run("ctr", ["--namespace", _namespace, .. arguments]);

    public string Read(string path) => Run("cat", path).Succeeded().Text;

    /// <summary>What an HTTP server on one of the node's unix sockets answers.</summary>
    public string Ask(string socket, string path)
    {
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellation) =>
            {
                Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint($"/proc/{_target}/root{socket}"), cancellation);
                return new NetworkStream(connection, ownsSocket: true);
            },
        };
        using HttpClient client = new(handler) { Timeout = TimeSpan.FromSeconds(10) };
        return client.GetStringAsync(new Uri($"http://localhost{path}")).GetAwaiter().GetResult();
    }

    /// <summary>The container's first process, as the node numbers it.</summary>
    public int ProcessOf(string id)
    {
        string line = Ctr("task", "ls").Succeeded().Text.Split('\n').First(line => line.StartsWith(id + " ", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public void StartContainerd() => Run("sh", "-c", """
        setsid containerd >/run/containerd.log 2>&1 &
        echo $! > /run/containerd.pid
        for i in $(seq 150); do ctr version >/dev/null 2>&1 && exit 0; sleep 0.2; done
        cat /run/containerd.log >&2
        exit 1
        """).Succeeded();

    public void RestartContainerd()
    {
        Run("sh", "-c", "pid=$(cat /run/containerd.pid); kill $pid; while [ -d /proc/$pid ]; do sleep 0.1; done").Succeeded();
        StartContainerd();
    }

    /// <summary>Every file that is not as the machine has it, and the folders in reach of an installation; not containerd's own data.</summary>
    public string Tree() => Run("sh", "-c", """
        cd "$1"
        find . \( -path './*/work' -o -path './var/changes/lib/containerd' \) -prune -o ! -type d -printf '%p %y %m %l\n' | sort
        find . \( -path './*/work' -o -path './var/changes/lib/containerd' -o -path '*/journal' \) -prune -o -type f -exec sha256sum {} + | sort
        find /etc /var/lib /run \( -path /var/lib/containerd -o -path '/run/containerd*' \) -prune -o -printf '%p %y %m %l\n' | sort
        find /usr/*/hardening* /usr/share/doc/hardening* 2>/dev/null | sort
        """, "sh", _folder).Succeeded().Text;

    public void Dispose()
    {
        _world.Crash();
        _world.Dispose();
        // The kernel takes the namespace's processes down one after the other; each leaves its cgroup as it goes.
        foreach (string cgroup in Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(mount => Path.Combine(mount, _namespace)).Where(Directory.Exists))
        {
            SpinWait.SpinUntil(() => Command.Run("find", [cgroup, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"]).ExitCode == 0, TimeSpan.FromSeconds(10));
        }

        Directory.Delete(_folder);
    }

    private string Prepare()
    {
        SpinWait.SpinUntil(() => _world.HasExited || _world.Log.Contains("ready", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        Assert.True(!_world.HasExited && _world.Log.Contains("ready", StringComparison.Ordinal), $"the node's layers could not be mounted: {_world.Log}");
        string target = File.ReadAllText($"/proc/{_world.Id}/task/{_world.Id}/children").Trim();
        Enter(target, "sh", "-c", $"mkdir -p /etc/containerd && printf %s \"$1\" > {Config}", "sh", Settings).Succeeded();
        return target;
    }

    private static Outcome Enter(string target, string program, params string[] arguments)
        => Command.Run("nsenter", ["--target", target, "--mount", "--pid", "--", program, .. arguments], patience: TimeSpan.FromMinutes(2));
}
