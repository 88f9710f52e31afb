namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>The three answers to "is it tighter?".</summary>
public enum TightnessAnswer
{
    /// <summary>It is at least as strict for every architecture, number and argument.</summary>
    Yes,

    /// <summary>A witness shows that it is not.</summary>
    No,

    /// <summary>Neither could be shown.</summary>
    CannotProve,
}

/// <summary>Whether one profile is tighter than another.</summary>
/// <param name="Answer">Yes also where both do the same.</param>
/// <param name="Witness">The call that shows a No; null otherwise.</param>
/// <param name="Reason">A sentence that says why nothing could be proven; null otherwise.</param>
public sealed record Tightness(TightnessAnswer Answer, SeccompWitness? Witness = null, string? Reason = null)
{
    /// <summary>It is.</summary>
    public static Tightness Yes { get; } = new(TightnessAnswer.Yes);

    /// <summary>It is not.</summary>
    public static Tightness No(SeccompWitness witness) => new(TightnessAnswer.No, witness);

    /// <summary>Nobody knows.</summary>
    public static Tightness CannotProve(string reason) => new(TightnessAnswer.CannotProve, Reason: reason);

    /// <inheritdoc/>
    public override string ToString() => Answer switch
    {
        TightnessAnswer.Yes => "yes",
        TightnessAnswer.No => $"no: {Witness}",
        _ => $"cannot prove: {Reason}",
    };
}
