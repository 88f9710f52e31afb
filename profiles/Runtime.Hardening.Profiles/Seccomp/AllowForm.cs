namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// A call's rules as a list of alternatives under which it is allowed; under none of them it gets the default of a meet, which is at least as strict as what
/// the rules would have done. A list may allow less than the rules do, never more.
/// </summary>
internal static class AllowForm
{
    private const int MostAlternatives = 64;

    private static readonly SeccompCondition[][] s_always = [[]], s_never = [];

    /// <summary>The alternatives; null where the rules do not have this form.</summary>
    /// <param name="outcome">The call's rules.</param>
    /// <param name="fallback">Their profile's default.</param>
    /// <param name="strict">The meet's default.</param>
    public static SeccompCondition[][]? Of(in SyscallOutcome outcome, SeccompResult fallback, SeccompResult strict)
    {
        if (outcome.Unconditional is { } always)
        {
            return outcome.Conditional.Length > 0 ? null : always == SeccompResult.Allow ? s_always : strict.IsAtLeast(always) ? s_never : null;
        }

        if (fallback != SeccompResult.Allow)
        {
            return Array.TrueForAll(outcome.Conditional, static rule => rule.Result == SeccompResult.Allow)
                ? Array.ConvertAll(outcome.Conditional, static rule => rule.Conditions)
                : null;
        }

        // Denials on conditions are a permission where none of them holds: for each rule one of its conditions must fail.
        SeccompCondition[][] alternatives = s_always;
        foreach (ConditionalRule rule in outcome.Conditional)
        {
            if (!strict.IsAtLeast(rule.Result))
            {
                return null;
            }

            alternatives = Both(alternatives, [.. rule.Conditions.Select(ConditionAlgebra.Not).OfType<SeccompCondition>().Select(static not => new[] { not })]) ?? s_never;
        }

        return alternatives;
    }

    /// <summary>The alternatives under which both allow, without those that another one covers; null when they are too many.</summary>
    public static SeccompCondition[][]? Both(SeccompCondition[][] a, SeccompCondition[][] b)
    {
        if (a.Length > MostAlternatives || b.Length > MostAlternatives)
        {
            return null;
        }

        var both = new List<SeccompCondition[]>();
        foreach (SeccompCondition[] left in a)
        {
            foreach (SeccompCondition[] right in b)
            {
                if (ConditionAlgebra.Both(left, right) is { } conditions && !both.Exists(other => ConditionAlgebra.Imply(conditions, other)))
                {
                    both.RemoveAll(other => ConditionAlgebra.Imply(other, conditions));
                    both.Add(conditions);
                }
            }
        }

        if (both.Count > MostAlternatives)
        {
            return null;   // as the next meet would find
        }

        both.Sort(Compare);   // the order of no profile, so that meeting again changes no byte
        return [.. both];
    }

    private static int Compare(SeccompCondition[] a, SeccompCondition[] b)
    {
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i] != b[i])
            {
                int order = a[i].Index.CompareTo(b[i].Index);
                order = order != 0 ? order : string.CompareOrdinal(a[i].Op, b[i].Op);
                order = order != 0 ? order : a[i].Value.CompareTo(b[i].Value);
                return order != 0 ? order : a[i].ValueTwo.CompareTo(b[i].ValueTwo);
            }
        }

        return a.Length - b.Length;
    }
}
