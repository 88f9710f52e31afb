using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Policies;

/// <summary>A policy as the hook applies it: compiled, complete, never changed. Written by hardenctl, read from a generation's index.</summary>
public sealed record Policy
{
    /// <summary>Unique in a generation.</summary>
    public required string Name { get; init; }

    /// <summary>Whether its edits are applied, only reported, or not even looked at.</summary>
    public PolicyMode Mode { get; init; } = PolicyMode.Enforce;

    /// <summary>What happens to a container when this policy cannot be applied to it as a whole.</summary>
    public OnError OnError { get; init; } = OnError.Refuse;

    /// <summary>A container matches when any clause does. Empty: every container, sandboxes too.</summary>
    public MatchClause[] Match { get; init; } = [];

    /// <summary>The profile to meet with the engine's, or null.</summary>
    public SeccompDemand? Seccomp { get; init; }

    /// <summary>The AppArmor profile asked for, or null.</summary>
    public AppArmorDemand? AppArmor { get; init; }

    /// <summary>The only capabilities a container may keep, or null for any.</summary>
    public CapabilitySet? KeepCapabilities { get; init; }

    /// <summary>Whether no_new_privs is set.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>Whether the root file system becomes read-only.</summary>
    public bool ReadOnlyRootFilesystem { get; init; }

    /// <summary>Absolute paths to add to linux.maskedPaths.</summary>
    public string[] MaskPaths { get; init; } = [];

    /// <summary>Absolute paths to add to linux.readonlyPaths.</summary>
    public string[] ReadOnlyPaths { get; init; } = [];

    /// <summary>Upper bounds of a process's limits (setrlimit(2)), one a type.</summary>
    public Rlimit[] Rlimits { get; init; } = [];

    /// <summary>Upper bounds of pids, memory and CPU time, or null.</summary>
    public ResourceBounds? Resources { get; init; }

    /// <summary><c>require.hostNamespaces</c>: namespaces that a container must not share with the host, or null.</summary>
    public HostNamespacesRequirement? RequireHostNamespaces { get; init; }

    /// <summary><c>require.privileged</c>, or null.</summary>
    public PrivilegedRequirement? RequirePrivileged { get; init; }

    /// <summary><c>require.mounts</c>, or null.</summary>
    public MountsRequirement? RequireMounts { get; init; }

    /// <summary><c>require.user</c>, or null.</summary>
    public UserRequirement? RequireUser { get; init; }
}

/// <summary>How far a policy goes.</summary>
public enum PolicyMode
{
    /// <summary>Edits are made and refusals refuse.</summary>
    Enforce,

    /// <summary>What would have happened is a finding; nothing is changed.</summary>
    Audit,

    /// <summary>The policy is not evaluated.</summary>
    Off,
}

/// <summary>What happens when a policy cannot be applied.</summary>
public enum OnError
{
    /// <summary>The container is refused.</summary>
    Refuse,

    /// <summary>The container starts without this policy, and the journal says so.</summary>
    PassThrough,
}

/// <summary>What happens when a requirement is not met, which no edit can repair.</summary>
public enum Otherwise
{
    /// <summary>The container is refused.</summary>
    Refuse,

    /// <summary>The finding is reported and the container starts.</summary>
    Report,
}

/// <summary>A seccomp profile of the generation.</summary>
/// <param name="Profile">The name people know it by.</param>
/// <param name="File">Relative to the generation's folder.</param>
/// <param name="Crc32C">Checksum of the file's bytes.</param>
/// <param name="ByCapability">Null for a profile that is the same for every container.</param>
public sealed record SeccompDemand(string Profile, string File, uint Crc32C, SeccompByCapability? ByCapability = null);

/// <summary>What a profile is for containers that hold a capability on which it depends; <see cref="SeccompDemand.File"/> is what it is for all others.</summary>
/// <param name="Capabilities">Those on which it depends.</param>
/// <param name="File">Relative to the generation's folder: the rules with the capabilities that each is for, settled when a container is created.</param>
/// <param name="Crc32C">Checksum of the file's bytes.</param>
public sealed record SeccompByCapability(CapabilitySet Capabilities, string File, uint Crc32C);

/// <summary>An AppArmor profile that must confine the container.</summary>
/// <param name="Profile">The name the kernel knows it by once loaded.</param>
/// <param name="Combine">What happens to a profile that the engine gave.</param>
/// <param name="Otherwise">What happens where the host has no AppArmor or the profile is not loaded; null: as the policy's onError says.</param>
public sealed record AppArmorDemand(string Profile, AppArmorCombine Combine, Otherwise? Otherwise);

/// <summary>What happens to an AppArmor profile that the engine gave.</summary>
public enum AppArmorCombine
{
    /// <summary>A known engine default is replaced, any other is kept.</summary>
    ReplaceDefault,

    /// <summary>A known engine default is replaced, any other is stacked with ours.</summary>
    Stack,
}

/// <summary>Namespaces that must be the container's own.</summary>
/// <param name="Deny">Spelled as in linux.namespaces[].type: pid, network, ipc, uts, mount, user, cgroup, time.</param>
/// <param name="Otherwise">Refuse or report.</param>
public sealed record HostNamespacesRequirement(string[] Deny, Otherwise Otherwise);

/// <summary>The container must not look privileged.</summary>
/// <param name="Otherwise">Refuse or report.</param>
public sealed record PrivilegedRequirement(Otherwise Otherwise);

/// <summary>Sources that must not be bind-mounted.</summary>
/// <param name="DenySources">Globs over absolute paths; see <see cref="Glob"/>.</param>
/// <param name="Otherwise">Refuse or report.</param>
public sealed record MountsRequirement(string[] DenySources, Otherwise Otherwise);

/// <summary>The container's first process must not be root (uid 0 inside the container).</summary>
/// <param name="Otherwise">Refuse or report.</param>
public sealed record UserRequirement(Otherwise Otherwise);
