namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>
/// crun as the real runtime of one bundle's container. It refuses a machine whose cgroup folder has both versions in it, so it sees the second version alone,
/// in a mount namespace of each call, and leaves cgroups as they are. Disposing removes the container.
/// </summary>
public sealed class Crun : IDisposable
{
    public const string Program = "/usr/bin/crun";

    private const string World = """mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@" """;

    private readonly Installation _node;
    private readonly TestBundle _bundle;

    public Crun(Installation node, TestBundle bundle)
    {
        (_node, _bundle) = (node, bundle);
        node.With("runtime", Program);
    }

    /// <summary>Runs the hook, which becomes crun.</summary>
    public Outcome Hook(params string[] arguments) => Enter(Published.Hook, arguments);

    /// <summary>Runs crun itself.</summary>
    public Outcome Bare(params string[] arguments) => Enter(Program, arguments);

    /// <summary>The container's first process.</summary>
    public int Process => System.Text.Json.Nodes.JsonNode.Parse(Bare("--root", _bundle.Root, "state", _bundle.Id).Succeeded().Text)!["pid"]!.GetValue<int>();

    public void Dispose() => Bare("--root", _bundle.Root, "delete", "--force", _bundle.Id);

    private Outcome Enter(string program, string[] arguments)
        => Command.Run("unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", World, "sh", program, "--cgroup-manager=disabled", .. arguments], _node.Environment);
}
