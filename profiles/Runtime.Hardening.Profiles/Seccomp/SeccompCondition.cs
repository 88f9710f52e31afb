namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>A condition on one argument of a system call (OCI linux.seccomp.syscalls[].args[]).</summary>
/// <param name="Index">Which argument, 0 to 5.</param>
/// <param name="Op">SCMP_CMP_EQ and the like, as written.</param>
/// <param name="Value">What it is compared with; for SCMP_CMP_MASKED_EQ the mask.</param>
/// <param name="ValueTwo">For SCMP_CMP_MASKED_EQ the masked value.</param>
public readonly record struct SeccompCondition(uint Index, string Op, ulong Value, ulong ValueTwo);

/// <summary>A rule that holds when all its conditions do.</summary>
/// <param name="Result">What happens then.</param>
/// <param name="Conditions">At most one an argument, in the order of the arguments.</param>
public sealed record ConditionalRule(SeccompResult Result, SeccompCondition[] Conditions)
{
    /// <summary>Whether the two rules are the same.</summary>
    public bool Equals(ConditionalRule? other)
        => other is not null && Result == other.Result && Conditions.AsSpan().SequenceEqual(other.Conditions);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Result, Conditions.Length);
}

/// <summary>Everything that one profile says of one system call, as libseccomp would take it.</summary>
/// <param name="Unconditional">What happens whatever the arguments are; null when only conditional rules exist.</param>
/// <param name="Conditional">
/// Rules in the order of the profile. Beside an unconditional one, which hides them, only a rule that stood before it and always holds where arguments are
/// compared in 32 bits: there it wins.
/// </param>
public readonly record struct SyscallOutcome(SeccompResult? Unconditional, ConditionalRule[] Conditional);
