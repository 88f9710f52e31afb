using System.Globalization;
using System.Text.RegularExpressions;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>A private containerd with an installation of ours beside it. The machine's own containerd is never asked for anything.</summary>
public sealed partial class ContainerdNode : IAsyncLifetime
{
    private static int s_count;
    private readonly TestImage _image;
    private readonly HashSet<string> _namespaces = [];
    private readonly string _run = $"hardening-test-{System.Environment.ProcessId}";
    private Background? _containerd;

    public ContainerdNode(TestImage image) => _image = image;

    public Installation Installation { get; } = new();

    public string Socket => Path.Combine(Installation.Folder, "containerd.sock");

    /// <summary>containerd's own process.</summary>
    public int Process => _containerd!.Id;

    /// <summary>The namespace whose containers the policy hardens.</summary>
    public string Hardened => $"{_run}-hardened";

    /// <summary>The namespace whose containers may not run as root.</summary>
    public string NoRoot => $"{_run}-noroot";

    /// <summary>The namespace that no policy matches.</summary>
    public string Unmatched => $"{_run}-unmatched";

    public async ValueTask InitializeAsync()
    {
        Installation.Apply(Policies.Hardened(Hardened), Policies.NoRoot(NoRoot));
        string folder = Installation.Folder;
        string settings = Path.Combine(folder, "containerd.toml");
        await File.WriteAllTextAsync(settings, $"""
            version = 2
            root = "{folder}/root"
            state = "{folder}/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
            [grpc]
              address = "{Socket}"
            """);
        _containerd = new Background("containerd", ["--config", settings], Installation.Environment);
        await Wait.UntilAsync(
            () => File.Exists(Socket) && Ctr("default", "version").ExitCode == 0, TimeSpan.FromSeconds(30), () => $"containerd did not answer:\n{_containerd.Log}");
    }

    public Outcome Ctr(string engineNamespace, params string[] arguments)
    {
        _namespaces.Add(engineNamespace);
        return Command.Run("ctr", ["--address", Socket, "--namespace", engineNamespace, .. arguments]);
    }

    /// <summary>What <c>ctr run</c> gives for a container of the test image through the hook, or through plain runc.</summary>
    public Outcome TryStart(string engineNamespace, string id, bool throughHook = true, params string[] program) => TryStart(engineNamespace, id, [], throughHook, program);

    /// <summary>The same with further options of <c>ctr run</c>.</summary>
    public Outcome TryStart(string engineNamespace, string id, string[] options, bool throughHook = true, params string[] program)
    {
        if (Ctr(engineNamespace, "image", "ls", "-q").Text.Trim().Length == 0)
        {
            Ctr(engineNamespace, "image", "import", "--snapshotter", "native", _image.Archive).Succeeded();
        }

        string[] hook = throughHook ? ["--runc-binary", Published.Hook] : [];
        string[] command = program.Length == 0 ? ["/bin/sleep", "600"] : program;
        return Ctr(
            engineNamespace,
            ["run", "--detach", "--allow-new-privs", "--snapshotter", "native", "--runc-root", RuntimeRoots, .. hook, .. options, TestImage.Name, id, .. command]);
    }

    /// <summary>What <c>ctr run</c> gives for a container of this very spec, through the hook or through plain runc.</summary>
    public Outcome TryStartSpec(string engineNamespace, string id, string spec, bool throughHook)
        => Ctr(engineNamespace, ["run", "--detach", "--runc-root", RuntimeRoots, .. throughHook ? (string[])["--runc-binary", Published.Hook] : [], "--config", spec, id]);

    /// <summary>Starts a container of a name of its own and gives its id.</summary>
    public string Start(string engineNamespace, bool throughHook = true, params string[] program)
    {
        string id = $"c{Interlocked.Increment(ref s_count)}";
        TryStart(engineNamespace, id, throughHook, program).Succeeded();
        return id;
    }

    /// <summary>The runtime's <c>--root</c> for containers of that namespace.</summary>
    public string RuntimeRoot(string engineNamespace) => Path.Combine(RuntimeRoots, engineNamespace);

    // The hook knows containerd by this word in the path, as in /run/containerd/runc.
    private string RuntimeRoots => Path.Combine(Installation.Folder, "containerd", "runc");

    public Outcome Exec(string engineNamespace, string id, params string[] program)
        => Ctr(engineNamespace, ["task", "exec", "--exec-id", $"e{Interlocked.Increment(ref s_count)}", id, .. program]);

    /// <summary>The container's first process, as the host numbers it.</summary>
    public int ProcessOf(string engineNamespace, string id)
        => Processes(engineNamespace).TryGetValue(id, out int process) ? process : throw new InvalidOperationException($"no task {id} in {engineNamespace}");

    /// <summary>The first processes of all containers.</summary>
    public IReadOnlyDictionary<string, int> Processes(string engineNamespace) => TaskLine().Matches(Ctr(engineNamespace, "task", "ls").Succeeded().Text)
        .ToDictionary(line => line.Groups["id"].Value, line => int.Parse(line.Groups["pid"].Value, CultureInfo.InvariantCulture));

    public ValueTask DisposeAsync()
    {
        foreach (string engineNamespace in _namespaces.Where(name => name.StartsWith(_run, StringComparison.Ordinal)))
        {
            foreach (string id in Ctr(engineNamespace, "container", "ls", "-q").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Ctr(engineNamespace, "task", "rm", "--force", id);
                Ctr(engineNamespace, "container", "rm", id);
            }

            Remains.RemoveCgroup(engineNamespace);
        }

        _containerd?.Dispose();
        Installation.Dispose();
        return ValueTask.CompletedTask;
    }

    [GeneratedRegex(@"^(?<id>\S+)\s+(?<pid>\d+)\s", RegexOptions.Multiline)]
    private static partial Regex TaskLine();
}
