using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>A profile whose rules depend on capabilities, as a generation holds it beside what it is for containers without any of them.</summary>
/// <param name="Name">What policies call it.</param>
/// <param name="Capabilities">Those on which it depends.</param>
/// <param name="Json">Its bytes, UTF-8, in Docker's format.</param>
public sealed record SeccompByCapabilitySource(string Name, CapabilitySet Capabilities, ReadOnlyMemory<byte> Json)
{
    /// <summary>Guards the file against rot; the hook compares it.</summary>
    public uint Checksum { get; } = PolicyIndex.Checksum(Json.Span);

    /// <summary>Relative to the generation's folder.</summary>
    public string FileName => $"seccomp/{Name}-by-capability-{PolicyIndex.ChecksumText(Checksum)}.json";
}
