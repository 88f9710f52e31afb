using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// What happens to one system call. Where several conditional rules with different actions hold, libseccomp picks one of them by an order of its own that
/// nothing should rely on, so the answer is a range.
/// </summary>
/// <param name="Origin">What decided.</param>
/// <param name="Loosest">The loosest thing that can happen.</param>
/// <param name="Strictest">The strictest thing that can happen; mostly the same.</param>
/// <param name="Deciders">The rules that hold, in the order of the profile; empty where none does.</param>
public readonly record struct SeccompAnswer(SeccompOrigin Origin, SeccompResult Loosest, SeccompResult Strictest, IReadOnlyList<SeccompDecider> Deciders)
{
    /// <summary>Whether only one thing can happen.</summary>
    public bool IsCertain => Loosest == Strictest;

    /// <summary>What happens, as far as one may rely on it: the loosest possibility.</summary>
    public SeccompResult Result => Loosest;

    /// <summary>Everything that can happen.</summary>
    public IReadOnlyList<SeccompResult> Possible => IsCertain ? [Loosest] : [.. Deciders.Select(static decider => decider.Result).Distinct()];

    /// <inheritdoc/>
    public override string ToString() => string.Join(" or ", Possible);
}
