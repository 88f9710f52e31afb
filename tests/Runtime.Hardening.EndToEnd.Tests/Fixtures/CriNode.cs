using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Runtime.Hardening.Cri;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>A private containerd with its CRI, as a kubelet uses it: the hook is the default runtime, the test image is the pause image too.</summary>
public sealed partial class CriNode : IAsyncDisposable
{
    private readonly string _socket;
    private readonly List<string> _sandboxes = [];
    private readonly string _parent = $"/hardening-test-cri-{Guid.NewGuid():N}";
    private readonly Background _containerd;

    private CriNode(Installation installation, string socket, Background containerd)
    {
        (Installation, _socket, _containerd) = (installation, socket, containerd);
        Client = new CriClient(socket);
    }

    public Installation Installation { get; }

    public CriClient Client { get; }

    /// <summary>Starts it with policies in force.</summary>
    /// <param name="image">The only image that it has.</param>
    /// <param name="policies">The policies.</param>
    /// <param name="entries">Further runtime entries, as lines of containerd's configuration.</param>
    public static async Task<CriNode> StartAsync(TestImage image, string policies, Func<Installation, string>? entries = null)
    {
        Installation installation = new Installation().Apply(policies);
        string folder = installation.Folder, socket = Path.Combine(folder, "containerd.sock"), settings = Path.Combine(folder, "containerd.toml");
        // Without restrict_oom_score_adj a pause container asks for less than a container inside a container may have.
        await File.WriteAllTextAsync(settings, $"""
            version = 2
            root = "{folder}/root"
            state = "{folder}/state"
            disabled_plugins = ["io.containerd.internal.v1.opt"]
            [grpc]
              address = "{socket}"
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "{TestImage.Name}"
              restrict_oom_score_adj = true
              [plugins."io.containerd.grpc.v1.cri".containerd]
                snapshotter = "native"
                default_runtime_name = "hardened"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.hardened]
                  runtime_type = "io.containerd.runc.v2"
                  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.hardened.options]
                    BinaryName = "{Published.Hook}"
                    Root = "{folder}/containerd/runc"
            {entries?.Invoke(installation)}
            """);
        var node = new CriNode(installation, socket, new Background("containerd", ["--config", settings], installation.Environment));
        await Wait.UntilAsync(() => File.Exists(socket) && node.Ctr("version").ExitCode == 0, TimeSpan.FromSeconds(30), () => $"containerd did not answer:\n{node._containerd.Log}");
        node.Ctr("image", "import", "--snapshotter", "native", image.Archive).Succeeded();
        return node;
    }

    /// <summary>What a kubelet would ask for; its cgroup is one that is removed with this node.</summary>
    public PodRequest Pod(string podNamespace, string name) => new(podNamespace, name) { CgroupParent = _parent };

    /// <summary>A pod that is removed with this node.</summary>
    public async Task<string> RunPodAsync(PodRequest pod)
    {
        string sandbox = await Client.RunPodAsync(pod);
        _sandboxes.Add(sandbox);
        return sandbox;
    }

    /// <summary>A container's first process, as the host numbers it.</summary>
    public int ProcessOf(string id)
        => int.Parse(TaskLine().Matches(Ctr("task", "ls").Succeeded().Text).Single(line => line.Groups["id"].Value == id).Groups["pid"].Value, CultureInfo.InvariantCulture);

    /// <summary>The config.json of a running container.</summary>
    public JsonNode SpecOf(string id)
        => JsonNode.Parse(File.ReadAllText(Path.Combine(Installation.Folder, "state/io.containerd.runtime.v2.task/k8s.io", id, "config.json")))!;

    private Outcome Ctr(params string[] arguments) => Command.Run("ctr", ["--address", _socket, "--namespace", "k8s.io", .. arguments]);

    public async ValueTask DisposeAsync()
    {
        foreach (string sandbox in _sandboxes)
        {
            await Client.RemovePodAsync(sandbox);
        }

        Client.Dispose();
        _containerd.Dispose();
        Remains.RemoveCgroup(_parent);
        Installation.Dispose();
    }

    [GeneratedRegex(@"^(?<id>\S+)\s+(?<pid>\d+)\s", RegexOptions.Multiline)]
    private static partial Regex TaskLine();
}
