namespace Runtime.Hardening.Cri;

/// <summary>A pod as a test wants it. It shares the node's network, so that no network plugin is needed.</summary>
/// <param name="Namespace">The pod's Kubernetes namespace.</param>
/// <param name="Name">The pod's name.</param>
public sealed record PodRequest(string Namespace, string Name)
{
    /// <summary>The pod's uid, which its cgroup and its sandbox are named after.</summary>
    public string Uid { get; init; } = Guid.NewGuid().ToString();

    /// <summary>The runtime handler that a RuntimeClass would name; empty: the engine's default.</summary>
    public string Handler { get; init; } = "";

    /// <summary>
    /// The pod's cgroup. A kubelet with the systemd driver gives a slice's path, and containerd then hands `slice:cri-containerd:id` to the
    /// runtime; with the cgroupfs driver it is a plain path.
    /// </summary>
    public string CgroupParent { get; init; } = "";

    /// <summary>The path that a kubelet with the systemd driver gives to a pod without requests and limits.</summary>
    public static string BestEffortSlice(string uid) =>
        $"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{uid.Replace('-', '_')}.slice";
}
