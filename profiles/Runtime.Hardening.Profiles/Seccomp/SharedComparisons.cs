namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// Whether a call shares comparisons with others. "family 2, or family 16 with protocol 0" is what libseccomp makes of it as long as no other call of the filter
/// compares values too and the filter is for one architecture, whose calls share nothing with another's; else it was seen to let family 16 pass with any protocol. Masks
/// over the lower half, as clone has one, were never seen to disturb.
/// </summary>
public static class SharedComparisons
{
    /// <summary>The one call of a profile for this machine's architecture alone that compares more than masks; null where there are none or several.</summary>
    public static string? OnlyCall(SeccompProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        if (Array.Exists(profile.Architectures, static name => name != NativeArchitecture.Scmp))
        {
            return null;
        }

        string? found = null;
        foreach ((string name, SyscallOutcome outcome) in profile.Table)
        {
            if (outcome.Conditional.Length > 0 && !Array.TrueForAll(outcome.Conditional, static rule => Array.TrueForAll(rule.Conditions, ConditionAlgebra.IsLowMask)))
            {
                if (found is not null)
                {
                    return null;
                }

                found = name;
            }
        }

        return found;
    }

    /// <summary>Takes permissions with several conditions away from calls of a meet that cannot have them beside the others.</summary>
    internal static void Settle(SeccompProfile meet, List<string> calls)
    {
        if (calls.Count == 1 && OnlyCall(meet) == calls[0])
        {
            return;
        }

        foreach (string name in calls)
        {
            ConditionalRule[] rules = Array.FindAll(meet.Table[name].Conditional, static rule => rule.Conditions.Length == 1);
            Array.Sort(rules, static (one, other) => AllowForm.Compare(one.Conditions, other.Conditions));   // as they come out when they are met again
            meet.Remove(name);
            meet.NameOnly(name);
            foreach (ConditionalRule rule in rules)
            {
                meet.Add(name, rule.Result, rule.Conditions);
            }
        }
    }

    /// <summary>Whether a call's permissions can be relied on only where it shares no comparisons.</summary>
    internal static bool NeedsToBeAlone(in SyscallOutcome outcome, SeccompResult fallback)
    {
        foreach (ConditionalRule rule in outcome.Conditional)
        {
            if (rule.Result.Action > SeccompAction.Log || rule.Result.IsAtLeast(fallback))
            {
                return false;
            }
        }

        if (outcome.Conditional.Length > AllowForm.MostAlternatives)
        {
            return true;   // more than anybody compares with one another
        }

        SeccompCondition[][] alternatives = Array.ConvertAll(outcome.Conditional, static rule => rule.Conditions);
        return ConditionAlgebra.MayConfuse(alternatives) && !ConditionAlgebra.MayConfuse(alternatives, alone: true);
    }
}
