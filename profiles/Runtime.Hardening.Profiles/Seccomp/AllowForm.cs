namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// A call's rules as lists of alternatives: it is allowed where of each list one alternative holds. Elsewhere it gets the default of a meet, which is at least as
/// strict as what the rules would have done. The lists may allow less than the rules do, never more.
/// </summary>
internal static class AllowForm
{
    /// <summary>How many alternatives a call has in a meet.</summary>
    public const int MostAlternatives = 64;

    private const int MostListed = 32;   // linux/netlink.h, MAX_LINKS

    /// <summary>
    /// What a call gets where these rules let it pass: LOG as soon as one of them logs, which is the stricter. Where the meet's own default lets calls pass, LOG is a denial
    /// like any other.
    /// </summary>
    /// <param name="outcome">The call's rules.</param>
    /// <param name="fallback">Their profile's default.</param>
    /// <param name="strict">The meet's default.</param>
    public static SeccompResult Permission(in SyscallOutcome outcome, SeccompResult fallback, SeccompResult strict)
    {
        SeccompResult log = new(SeccompAction.Log, 0);
        return Permits(log, strict) && ((outcome.Unconditional ?? fallback) == log || Array.Exists(outcome.Conditional, rule => rule.Result == log)) ? log : SeccompResult.Allow;
    }

    /// <summary>The lists; null where the rules do not have this form.</summary>
    /// <param name="outcome">The call's rules.</param>
    /// <param name="fallback">Their profile's default.</param>
    /// <param name="strict">The meet's default.</param>
    /// <param name="budget">What may be compared.</param>
    public static SeccompCondition[][][]? Of(in SyscallOutcome outcome, SeccompResult fallback, SeccompResult strict, MeetBudget budget)
    {
        if (outcome.Unconditional is { } always)
        {
            return outcome.Conditional.Length > 0 ? null : Permits(always, strict) ? [] : strict.IsAtLeast(always) ? [[]] : null;
        }

        return OfConditional(outcome, fallback, strict, budget);
    }

    private static SeccompCondition[][][]? OfConditional(SyscallOutcome outcome, SeccompResult fallback, SeccompResult strict, MeetBudget budget)
    {
        ConditionalRule[] others = Array.FindAll(outcome.Conditional, rule => !Permits(rule.Result, strict));
        if (!Array.TrueForAll(others, rule => strict.IsAtLeast(rule.Result)))
        {
            return null;
        }

        if (Permits(fallback, strict))
        {
            // Denials on conditions are a permission where none of them holds: of each rule one condition must fail.
            return Array.ConvertAll(others, static rule => rule.Conditions.Select(ConditionAlgebra.Not).OfType<SeccompCondition>().Select(static not => new[] { not }).ToArray());
        }

        if (!budget.Take((long)outcome.Conditional.Length * others.Length))
        {
            return null;
        }

        // Where a denial could hold as well, nobody knows which of the two libseccomp asks first.
        return [Best([.. outcome.Conditional.Where(rule => Permits(rule.Result, strict) && Array.TrueForAll(others, other => ConditionAlgebra.Exclude(rule.Conditions, other.Conditions)))
            .Select(static rule => rule.Conditions)], isSafe: false)];
    }

    /// <summary>
    /// Alternatives under which both allow, without those that another one covers, as many as libseccomp keeps apart, in an order that is the order of no profile: so that
    /// meeting again changes no byte. Null where that takes more than the budget.
    /// </summary>
    public static SeccompCondition[][]? Both(SeccompCondition[][][] a, SeccompCondition[][][] b, MeetBudget budget)
    {
        // Two exceptions cannot be said together, but each takes its own from a list: the lists of exceptions come last.
        SeccompCondition[][][] lists = a.Length <= b.Length ? [.. a, .. b] : [.. b, .. a];
        SeccompCondition[][] both = lists.Length == 0 ? [[]] : lists[0];   // as it is: what one alternative of it covers may be what goes together with the next list
        foreach (SeccompCondition[][] list in lists.Length > 1 ? lists[1..] : [[[]]])
        {
            if (both.Length == 0)
            {
                break;
            }

            if (Both(both, list, budget) is not { } all)
            {
                return null;
            }

            both = Best(all, isSafe: false);
        }

        return budget.Take((long)both.Length * both.Length) ? Best([.. both], isSafe: true) : null;
    }

    private static bool Permits(SeccompResult result, SeccompResult strict) => result.Action <= (strict.Action > SeccompAction.Log ? SeccompAction.Log : SeccompAction.Allow);

    private static List<SeccompCondition[]>? Both(SeccompCondition[][] a, SeccompCondition[][] b, MeetBudget budget)
    {
        if (!budget.Take((long)a.Length * b.Length))
        {
            return null;
        }

        var all = new List<SeccompCondition[]>();
        foreach (SeccompCondition[] left in a)
        {
            foreach (SeccompCondition[] right in b)
            {
                if (ConditionAlgebra.Both(left, right) is { } conditions)
                {
                    all.Add(conditions);
                }
            }
        }

        if (!budget.Take((long)all.Count * all.Count / 2))
        {
            return null;
        }

        // In an order of their own, so that of two that cover each other the same one stays whoever comes first.
        all.Sort(static (one, other) => IsValue(one) != IsValue(other) ? (IsValue(one) ? -1 : 1) : Compare(one, other));
        var both = new List<SeccompCondition[]>();
        foreach (SeccompCondition[] conditions in all)
        {
            if (!both.Exists(other => ConditionAlgebra.Imply(conditions, other)))
            {
                both.RemoveAll(other => ConditionAlgebra.Imply(other, conditions));
                both.Add(conditions);
            }
        }

        return both;
    }

    // What is left out is denied, which is only tighter. A list of values is what can be relied on beside most, so it comes first.
    private static SeccompCondition[][] Best(List<SeccompCondition[]> all, bool isSafe)
    {
        all.Sort(Compare);
        if (all.Count <= MostAlternatives && !(isSafe && ConditionAlgebra.MayConfuse([.. all], alone: true)))
        {
            return [.. all];
        }

        return Selected(all, isSafe);
    }

    private static SeccompCondition[][] Selected(List<SeccompCondition[]> all, bool isSafe)
    {
        var best = new List<SeccompCondition[]>();
        bool CanBeAdded(SeccompCondition[] conditions)
            => best.Count < MostAlternatives && !(isSafe && best.Exists(other => ConditionAlgebra.MayConfuse([conditions, other], alone: true) || ConditionAlgebra.Imply(conditions, other)));

        foreach (SeccompCondition[] conditions in all.Where(IsValue).Concat(all.Where(static conditions => !IsValue(conditions))))
        {
            best.AddRange(CanBeAdded(conditions) ? [conditions] : isSafe ? Listed(conditions).Where(CanBeAdded).Take(MostAlternatives - best.Count) : []);
        }

        best.Sort(Compare);
        return [.. best];
    }

    // "16 with anything but 9" as "16 with 0, 16 with 1, ...", because equalities can be kept apart. What the kernel numbers, it mostly numbers from 0: of netlink's protocols it is all.
    private static IEnumerable<SeccompCondition[]> Listed(SeccompCondition[] conditions)
    {
        int at = Array.FindIndex(conditions, static condition => condition.Op == "SCMP_CMP_NE");
        if (at < 0 || conditions.Length < 2 || !conditions.Where((_, i) => i != at).All(ConditionAlgebra.IsPlain))
        {
            return [];
        }

        return Enumerable.Range(0, MostListed).Where(value => (ulong)value != (uint)conditions[at].Value)
            .Select(value => conditions.Select((condition, i) => i == at ? new SeccompCondition(condition.Index, "SCMP_CMP_EQ", (ulong)value, 0) : condition).ToArray());
    }

    private static bool IsValue(SeccompCondition[] conditions) => conditions.Length == 1 && ConditionAlgebra.IsPlain(conditions[0]);

    /// <summary>The order of alternatives: by argument, operator and values.</summary>
    public static int Compare(SeccompCondition[] a, SeccompCondition[] b)
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
