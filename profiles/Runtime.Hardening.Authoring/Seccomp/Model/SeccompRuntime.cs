namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>Who turns a profile into a filter.</summary>
public enum SeccompRuntime
{
    /// <summary>Puts a stub before the filter: ENOSYS for every number beyond the largest one that the profile names, on each architecture of the filter.</summary>
    Runc,

    /// <summary>As runc, but the stub stands only on architectures that the profile lists, not on one that is merely implied (seen in 1.1.5).</summary>
    OldRunc,

    /// <summary>The filter alone.</summary>
    Crun,
}
