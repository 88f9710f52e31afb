using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>Which architectures a profile's filter is for, and beyond which number runc's stub answers there. Bit i of a mask is the table's i-th architecture.</summary>
internal sealed class SyscallLimits
{
    public SyscallLimits(SeccompProfile profile, SeccompRuntime runtime, SeccompArchitecture native)
    {
        uint listed = 0;
        foreach (string name in profile.Architectures)
        {
            listed |= SyscallTable.Find(name) is { } architecture ? 1u << architecture.Index : 0;
        }

        Architectures = listed | (1u << native.Index);
        Array.Fill(Largest, uint.MaxValue);
        // A profile that allows by default lets calls of tomorrow through, so runc puts no stub there.
        if (runtime == SeccompRuntime.Crun || profile.Default.Action is SeccompAction.Allow or SeccompAction.Log or SeccompAction.Trace)
        {
            return;
        }

        uint withStub = runtime == SeccompRuntime.Runc ? Architectures : listed;
        foreach (SeccompArchitecture architecture in SyscallTable.Architectures)
        {
            if ((withStub & (1u << architecture.Index)) != 0 && LargestNamed(profile, architecture) is > 0 and uint largest)
            {
                Largest[architecture.Index] = largest;
                HasStub = true;
            }
        }
    }

    public static uint Wide { get; } = MaskOf(static architecture => architecture.Is64Bit);

    public static uint Multiplexed { get; } = MaskOf(static architecture => architecture.HasMultiplexer);

    /// <summary>Those that the profile lists and the native one.</summary>
    public uint Architectures { get; }

    /// <summary>Whether there is but one of them.</summary>
    public bool HasOneArchitecture => System.Numerics.BitOperations.IsPow2(Architectures);

    /// <summary>By the architecture's index: the largest number that reaches the filter.</summary>
    public uint[] Largest { get; } = new uint[SyscallTable.Architectures.Count];

    /// <summary>Whether there is a stub on any of them.</summary>
    public bool HasStub { get; }

    // Every name counts that has a number of its own; to the calls behind a multiplexer the resolver gives none.
    private static uint LargestNamed(SeccompProfile profile, SeccompArchitecture architecture)
    {
        uint largest = 0;
        foreach (string name in profile.Outcomes.Keys)
        {
            largest = Math.Max(largest, Counted(name, architecture));
        }

        foreach (string name in profile.NamedOnly)
        {
            largest = Math.Max(largest, Counted(name, architecture));
        }

        return largest;
    }

    private static uint Counted(string name, SeccompArchitecture architecture)
        => SyscallTable.Number(architecture, name) is { } number && !(architecture.HasMultiplexer && MultiplexedCall.All.ContainsKey(name)) ? (uint)number : 0;

    private static uint MaskOf(Func<SeccompArchitecture, bool> has)
        => SyscallTable.Architectures.Where(has).Aggregate(0u, static (mask, architecture) => mask | (1u << architecture.Index));
}
