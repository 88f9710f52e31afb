using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>A system call that the first of two profiles answers more loosely than the second.</summary>
/// <param name="Architecture">Whose call it is.</param>
/// <param name="Name">The call's name; null for a number that has none.</param>
/// <param name="Number">Its number, on x32 with bit 30.</param>
/// <param name="Arguments">Six of them.</param>
/// <param name="Left">What happens under the first profile.</param>
/// <param name="Right">What happens under the second.</param>
public sealed record SeccompWitness(
    SeccompArchitecture Architecture, string? Name, uint Number, IReadOnlyList<ulong> Arguments, SeccompResult Left, SeccompResult Right)
{
    /// <inheritdoc/>
    public override string ToString()
        => $"{Name ?? $"number {Number}"}({string.Join(", ", Arguments.Select(static argument => $"0x{argument:x}"))}) on {Architecture.Name} gives {Left} against {Right}";
}
