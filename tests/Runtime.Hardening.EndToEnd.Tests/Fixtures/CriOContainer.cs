using System.Globalization;
using System.Text.Json.Nodes;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>
/// A pod's sandbox or container as CRI-O hands it to its runtime: the specs of tests/Fixtures/bundles/cri-o-*.json, command lines as conmon and CRI-O write
/// them, and the pod's namespaces pinned to files, as CRI-O pins them. CRI-O itself is not in Debian, so it is not run.
/// </summary>
public sealed class CriOContainer : IDisposable
{
    private static int s_count;
    private readonly string _folder = Directory.CreateTempSubdirectory("hardening-test-crio-").FullName;
    private readonly string[] _root;
    private readonly string[] _pinned;

    /// <param name="node">Whose hook is called.</param>
    /// <param name="image">Gives the root file system.</param>
    /// <param name="kind"><c>sandbox</c> or <c>container</c>.</param>
    /// <param name="podAnnotations">What the pod's author wrote on top.</param>
    public CriOContainer(Installation node, TestImage image, string kind, IReadOnlyDictionary<string, string>? podAnnotations = null)
    {
        Node = node;
        Id = $"hardening-test-crio-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        _root = ["--root", Path.Combine(_folder, "runc")];
        _pinned = [.. new[] { "net", "ipc", "uts" }.Select(name => Path.Combine(_folder, name))];
        foreach (string file in _pinned)
        {
            File.WriteAllText(file, "");
        }

        Command.Run("unshare", [$"--net={_pinned[0]}", $"--ipc={_pinned[1]}", $"--uts={_pinned[2]}", "true"]).Succeeded();
        Spec = JsonNode.Parse(File.ReadAllText(Path.Combine(Published.Repository, $"tests/Fixtures/bundles/cri-o-{kind}.json")))!.AsObject();
        Directory.CreateDirectory(Bundle);
        Command.Run("cp", ["-a", image.RootFilesystem, Path.Combine(_folder, "merged")]).Succeeded();
        Adapt();
        foreach ((string name, string value) in podAnnotations ?? new Dictionary<string, string>())
        {
            // CRI-O writes the pod's first and its own over them.
            Spec["annotations"]!.AsObject().TryAdd(name, value);
        }

        File.WriteAllText(Path.Combine(Bundle, "config.json"), Spec.ToJsonString());
    }

    public Installation Node { get; }

    public string Id { get; }

    /// <summary>The spec as the engine wrote it.</summary>
    public JsonObject Spec { get; }

    /// <summary>The spec as it is now.</summary>
    public JsonObject Written => JsonNode.Parse(File.ReadAllText(Path.Combine(Bundle, "config.json")))!.AsObject();

    /// <summary>The container's first process.</summary>
    public int Process => int.Parse(File.ReadAllText(Path.Combine(Bundle, "pidfile")), CultureInfo.InvariantCulture);

    private string Bundle => Path.Combine(_folder, "userdata");

    /// <summary>As conmon does it: without a log file, so that what is written to standard error is what CRI-O tells the kubelet.</summary>
    public Outcome Create() => Node.Hook($"--root={_root[1]}", "create", "--bundle", Bundle, "--pid-file", Path.Combine(Bundle, "pidfile"), Id);

    /// <summary>As CRI-O calls the runtime itself.</summary>
    public Outcome Call(string verb, params string[] arguments) => Node.Hook([.. _root, verb, .. arguments]);

    /// <summary>As CRI-O does it: the container's process of its own spec, with another command.</summary>
    public Outcome Exec(params string[] command)
    {
        JsonNode process = Spec["process"]!.DeepClone();
        process["args"] = new JsonArray([.. command.Select(static word => JsonValue.Create(word))]);
        string file = Path.Combine(_folder, "exec-process");
        File.WriteAllText(file, process.ToJsonString());
        return Call("exec", "--process", file, Id);
    }

    public void Dispose()
    {
        Command.Run(Installation.RealRuntime, [.. _root, "delete", "--force", Id]);
        Remains.RemoveCgroup(Id);   // runc gives up after a second where a killed process is not reaped by then
        foreach (string file in _pinned)
        {
            Command.Run("umount", [file]);
        }

        Remains.Remove(_folder);
    }

    // What a build machine does not have: the paths of CRI-O's storage and of the kubelet, systemd's slices, huge pages, and root's right to a lower oom_score_adj.
    private void Adapt()
    {
        Spec["root"]!["path"] = Path.Combine(_folder, "merged");
        Spec["linux"]!["cgroupsPath"] = $"/{Id}";
        if (Spec["process"]!["oomScoreAdj"]!.GetValue<int>() < 0)
        {
            Spec["process"]!.AsObject().Remove("oomScoreAdj");
            Spec["process"]!["args"] = new JsonArray("/bin/sleep", "600");   // the image has no /pause
        }

        if (!Directory.Exists("/sys/fs/cgroup/hugetlb"))
        {
            Spec["linux"]!["resources"]!.AsObject().Remove("hugepageLimits");
        }

        foreach (JsonNode? part in Spec["linux"]!["namespaces"]!.AsArray().Where(static part => part!["path"] is not null))
        {
            part!["path"] = _pinned[Array.IndexOf(["network", "ipc", "uts"], part["type"]!.GetValue<string>())];
        }

        foreach (JsonNode? mount in Spec["mounts"]!.AsArray().Where(static mount => mount!["type"]!.GetValue<string>() == "bind"))
        {
            string source = _folder + mount!["source"]!.GetValue<string>();
            Directory.CreateDirectory(Path.GetDirectoryName(source)!);
            if (mount["destination"]!.GetValue<string>() is "/dev/shm" or "/var/run/secrets/kubernetes.io/serviceaccount")
            {
                Directory.CreateDirectory(source);
            }
            else
            {
                File.WriteAllText(source, "");
            }

            mount["source"] = source;
        }
    }
}
