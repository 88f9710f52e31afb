using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>Where the bytes of a generation's seccomp profiles come from: the hook opens them below a directory descriptor, hardenctl from memory or files.</summary>
public interface IProfileSource
{
    /// <summary>The OCI JSON of a profile.</summary>
    /// <exception cref="HardeningFormatException">It is missing, unreadable or damaged.</exception>
    ReadOnlyMemory<byte> Read(SeccompDemand demand);
}
