using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// What happens to one system call. Mostly one thing; where several conditional rules with different actions hold, libseccomp picks one by an order of its
/// own that nothing should rely on, and some constellations make its program compare the wrong words. Then the answer is everything that can happen.
/// </summary>
public readonly record struct SeccompAnswer
{
    internal SeccompAnswer(SeccompOrigin origin, SeccompResult result)
        => (Origin, Loosest, Strictest, Possible, Deciders) = (origin, result, result, [result], []);

    internal SeccompAnswer(IReadOnlyList<SeccompDecider> deciders)
    {
        (Origin, Deciders) = (SeccompOrigin.Rule, deciders);
        Possible = deciders.Count == 1 ? [deciders[0].Result] : [.. deciders.Select(static decider => decider.Result).Distinct()];
        Loosest = Possible.Aggregate(SeccompResult.Loosest);
        Strictest = Possible.Aggregate(SeccompResult.Strictest);
    }

    /// <summary>What decided.</summary>
    public SeccompOrigin Origin { get; private init; }

    /// <summary>The loosest thing that can happen.</summary>
    public SeccompResult Loosest { get; private init; }

    /// <summary>The strictest thing that can happen; mostly the same.</summary>
    public SeccompResult Strictest { get; private init; }

    /// <summary>Everything that can happen; mostly one thing.</summary>
    public IReadOnlyList<SeccompResult> Possible { get; private init; }

    /// <summary>The rules that hold, in the order of the profile; empty where none does.</summary>
    public IReadOnlyList<SeccompDecider> Deciders { get; private init; }

    /// <summary>Whether only one thing can happen.</summary>
    public bool IsCertain => Possible.Count == 1;

    /// <summary>What happens, as far as one may rely on it: the loosest possibility.</summary>
    public SeccompResult Result => Loosest;

    /// <inheritdoc/>
    public override string ToString() => string.Join(" or ", Possible);

    internal SeccompAnswer Or(SeccompResult other) => Possible.Contains(other) ? this : this with
    {
        Loosest = SeccompResult.Loosest(Loosest, other),
        Strictest = SeccompResult.Strictest(Strictest, other),
        Possible = [.. Possible, other],
    };
}
