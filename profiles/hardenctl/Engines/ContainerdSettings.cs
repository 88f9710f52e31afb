namespace Runtime.Hardening.Cli.Engines;

/// <summary>containerd's effective configuration: what matters of it to us.</summary>
internal sealed class ContainerdSettings
{
    /// <summary>The plugin that holds the runtime entries in containerd 1.x and in files of version 2.</summary>
    public const string PluginOfVersion2 = "io.containerd.grpc.v1.cri";

    /// <summary>The same in files of version 3.</summary>
    public const string PluginOfVersion3 = "io.containerd.cri.v1.runtime";

    public ContainerdSettings(Dictionary<string, object> tree)
    {
        Tree = tree;
        Version = tree.TryGetValue("version", out object? version) && version is long number ? (int)number : 1;
        Containerd = TomlTree.Find(tree, "plugins", Plugin, "containerd");
    }

    public Dictionary<string, object> Tree { get; }

    /// <summary>2 for containerd 1.x, 3 for containerd 2.x: a dump is always in the program's own newest version.</summary>
    public int Version { get; }

    public string Plugin => Version >= 3 ? PluginOfVersion3 : PluginOfVersion2;

    public Dictionary<string, object>? Containerd { get; }

    public Dictionary<string, object> Runtimes => Containerd is null ? [] : TomlTree.Find(Containerd, "runtimes") ?? [];

    public string? DefaultRuntime => Containerd is not null && Containerd.TryGetValue("default_runtime_name", out object? name) ? name as string : null;

    public IEnumerable<string> Imports => Strings("imports");

    /// <summary>True if the CRI plugin is switched off: Kubernetes cannot use this containerd then, and runtime entries have no reader.</summary>
    public bool CriDisabled => Strings("disabled_plugins").Any(p => p is "cri" or PluginOfVersion2 or PluginOfVersion3) || Containerd is null;

    /// <summary>BinaryName of an entry; an empty or absent one means runc, as it does to containerd's shim.</summary>
    public static string BinaryOf(Dictionary<string, object> entry)
        => TomlTree.Find(entry, "options") is { } options && options.TryGetValue("BinaryName", out object? name) && name is string { Length: > 0 } text ? text : "runc";

    public static string TypeOf(Dictionary<string, object> entry) => entry.TryGetValue("runtime_type", out object? type) && type is string text ? text : "";

    private IEnumerable<string> Strings(string name)
        => Tree.TryGetValue(name, out object? value) && value is List<object> list ? list.OfType<string>() : [];
}
