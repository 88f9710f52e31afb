namespace Runtime.Hardening.Authoring.Seccomp.Docker;

/// <summary>What a profile in Docker's format depends on.</summary>
/// <param name="Capabilities">The container's bounding set, as in its spec: CAP_CHOWN.</param>
/// <param name="Architecture">The host's.</param>
/// <param name="Kernel">The host's.</param>
public sealed record DockerContainer(IReadOnlyCollection<string> Capabilities, DockerArchitecture Architecture, KernelVersion Kernel);
