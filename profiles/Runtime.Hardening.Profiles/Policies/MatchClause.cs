namespace Runtime.Hardening.Profiles.Policies;

/// <summary>One entry of spec.match: every list that is not empty must have a glob that matches; a fact that the engine does not give matches none.</summary>
public sealed record MatchClause
{
    /// <summary>containerd, docker, podman, cri-o.</summary>
    public string[] Engines { get; init; } = [];

    /// <summary>containerd's namespaces: k8s.io, moby, default, ...</summary>
    public string[] EngineNamespaces { get; init; } = [];

    /// <summary>Pod namespaces.</summary>
    public string[] Namespaces { get; init; } = [];

    /// <summary>Pod names.</summary>
    public string[] Pods { get; init; } = [];

    /// <summary>Container names.</summary>
    public string[] Names { get; init; } = [];

    /// <summary>Images as the engine wrote them.</summary>
    public string[] Images { get; init; } = [];

    /// <summary>Host names in the container's UTS namespace.</summary>
    public string[] Hostnames { get; init; } = [];

    /// <summary>Annotations that must be there, each with a glob over its value.</summary>
    public KeyValuePair<string, string>[] Annotations { get; init; } = [];

    /// <summary>Workloads, pod sandboxes or both.</summary>
    public ContainerKinds Containers { get; init; } = ContainerKinds.Workload;

    /// <summary>Whether the container must or must not look privileged; null: either.</summary>
    public bool? Privileged { get; init; }
}

/// <summary>Which kinds of containers a clause is about.</summary>
public enum ContainerKinds
{
    /// <summary>Containers that run somebody's program.</summary>
    Workload,

    /// <summary>Pause containers that hold a pod's namespaces.</summary>
    Sandbox,

    /// <summary>Both.</summary>
    All,
}
