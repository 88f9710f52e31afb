namespace Runtime.Hardening.Cri;

/// <summary>A container of a pod as a test wants it.</summary>
/// <param name="Name">The container's name in the pod.</param>
/// <param name="Image">An image that the engine has already.</param>
/// <param name="Command">What it runs.</param>
public sealed record ContainerRequest(string Name, string Image, IReadOnlyList<string> Command)
{
    /// <summary>The numeric user; null: the image's.</summary>
    public long? User { get; init; }

    /// <summary>Whether the engine's own seccomp profile is asked for (`seccompProfile: RuntimeDefault`); else none, which is the kubelet's default.</summary>
    public bool DefaultSeccomp { get; init; }
}
