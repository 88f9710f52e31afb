namespace Runtime.Hardening.Profiles.Decisions;

/// <summary>Something that a rule saw and that is not an edit.</summary>
/// <param name="Rule">Who saw it.</param>
/// <param name="Policies">Whose demand it is about, comma-separated.</param>
/// <param name="Outcome">What follows from it.</param>
/// <param name="Message">What was found, what was expected, what to do: one sentence for the workload's owner.</param>
public sealed record Finding(RuleId Rule, string Policies, FindingOutcome Outcome, string Message);

/// <summary>What follows from a finding.</summary>
public enum FindingOutcome
{
    /// <summary>It is reported; the container starts.</summary>
    Report,

    /// <summary>The container is refused.</summary>
    Refuse,

    /// <summary>What a policy in audit mode would have done.</summary>
    Audit,

    /// <summary>A policy could not be applied; what follows is its onError.</summary>
    Error,
}

/// <summary>The spelling of outcomes in journals.</summary>
public static class FindingOutcomes
{
    /// <summary>report, refuse, audit or error.</summary>
    public static string Text(this FindingOutcome outcome) => outcome switch
    {
        FindingOutcome.Report => "report",
        FindingOutcome.Refuse => "refuse",
        FindingOutcome.Audit => "audit",
        _ => "error",
    };
}
