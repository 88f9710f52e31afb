using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Edits;

/// <summary>One wish of a rule: this place gets this value. Only <see cref="SpecEditor"/> writes, so a dry run shows exactly what the hook would do.</summary>
/// <param name="Path">The place.</param>
/// <param name="Json">The value as JSON.</param>
/// <param name="Owner">The rule that asks for it.</param>
/// <param name="Policies">The policies that ask for it, comma-separated.</param>
/// <param name="Before">A short form of what stands there, for people.</param>
/// <param name="After">A short form of what will stand there.</param>
public sealed record SpecEdit(SpecPath Path, ReadOnlyMemory<byte> Json, RuleId Owner, string Policies, string Before, string After);

/// <summary>Bytes of a hardened file that stand where others stood.</summary>
/// <param name="At">Offset in the hardened file.</param>
/// <param name="Length">How many bytes there are ours.</param>
/// <param name="Original">What stood there; empty for an insertion.</param>
public sealed record AppliedEdit(int At, int Length, ReadOnlyMemory<byte> Original);
