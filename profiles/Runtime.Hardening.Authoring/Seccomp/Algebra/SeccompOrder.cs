using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>Decides whether a profile is at least as strict as another, for every architecture, number and argument.</summary>
public static class SeccompOrder
{
    /// <summary>Compares what the two filters do by themselves, without what runc puts before them.</summary>
    /// <param name="a">The profile that should be the tighter one.</param>
    /// <param name="b">The other.</param>
    /// <param name="native">The architecture of the node; this machine's where nothing is given.</param>
    public static Tightness IsTighter(SeccompProfile a, SeccompProfile b, SeccompArchitecture? native = null)
        => IsTighter(a, b, SeccompRuntime.Crun, native);

    /// <summary>
    /// Compares what a runtime makes of the two. Being an architecture that the filter is not for counts as the strictest thing there is, and an ENOSYS
    /// that runc itself puts there counts as any other error: it is no denial that the profile asked for.
    /// </summary>
    public static Tightness IsTighter(SeccompProfile a, SeccompProfile b, SeccompRuntime runtime, SeccompArchitecture? native = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return new ProfileComparison(a, b, runtime, native ?? SyscallTable.Native).Run();
    }
}
