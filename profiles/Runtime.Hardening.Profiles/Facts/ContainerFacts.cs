namespace Runtime.Hardening.Profiles.Facts;

/// <summary>What policies can match on: from the spec, the command line and the runtime's root path, and from nowhere else.</summary>
public sealed record ContainerFacts
{
    /// <summary>containerd, docker, podman, cri-o or unknown.</summary>
    public string Engine { get; init; } = "unknown";

    /// <summary>containerd's namespace (k8s.io, moby, default), or empty.</summary>
    public string EngineNamespace { get; init; } = "";

    /// <summary>Pod namespace, or empty.</summary>
    public string PodNamespace { get; init; } = "";

    /// <summary>Pod name, or empty.</summary>
    public string Pod { get; init; } = "";

    /// <summary>Container name, or empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Image as the engine wrote it, or empty.</summary>
    public string Image { get; init; } = "";

    /// <summary>Host name in the container, or empty.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>The bundle's folder, below which relative paths of the spec lie; empty where it is not known. Nothing matches on it.</summary>
    public string Bundle { get; init; } = "";

    /// <summary>Whether it is a pause container.</summary>
    public bool IsSandbox { get; init; }

    /// <summary>Whether it looks privileged; no engine says so in one word (see <see cref="FactsReader"/>).</summary>
    public bool LooksPrivileged { get; init; }

    /// <summary>All annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}
