namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>The formats that a profile in JSON can have.</summary>
public enum ProfileDialect
{
    /// <summary>The value of linux.seccomp in a config.json.</summary>
    Oci,

    /// <summary>What Docker and Podman read: entries that depend on the container and the host, and <c>archMap</c>.</summary>
    Docker,
}
