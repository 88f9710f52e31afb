namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>What a profile is checked for.</summary>
public enum SeccompUse
{
    /// <summary>For a runtime: everything that OCI JSON can say is possible.</summary>
    Runtime,

    /// <summary>For a policy, which holds for containers whose engine never heard of it: no flags, and no listener.</summary>
    Policy,
}
