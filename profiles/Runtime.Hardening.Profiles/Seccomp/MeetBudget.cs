namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// How many alternatives a meet may compare with one another. A profile is an engine's, and an engine's may be anybody's: a thousand rules with six conditions each would
/// keep the hook, and with it the node, busy for minutes. What is left of such a profile when the budget is spent gets the strictest thing that it does.
/// </summary>
internal sealed class MeetBudget
{
    // The defaults of engines met with the profiles that are shipped take at most 6,078.
    private long _left = 400_000;

    /// <summary>Takes so many comparisons; false when they are not there any more.</summary>
    public bool Take(long comparisons) => (_left -= comparisons) >= 0;
}
