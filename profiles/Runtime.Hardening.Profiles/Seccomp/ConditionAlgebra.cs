namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// Conditions on one argument, put together so that what comes out holds for 64 bits and for the lower 32 alone, because a profile is for every architecture
/// in its list. Where a profile cannot say it, the answer is null, and whoever asked leaves a permission out.
/// </summary>
public static class ConditionAlgebra
{
    private const string Equal = "SCMP_CMP_EQ", MaskedEqual = "SCMP_CMP_MASKED_EQ";

    /// <summary>Whether libseccomp leaves the condition out where it compares 32 bits: its mask has nothing there, and it always holds.</summary>
    public static bool IsLostIn32Bits(this SeccompCondition condition) => condition.Op == MaskedEqual && (uint)condition.Value == 0;

    /// <summary>Whether every call for which all of the given conditions hold also has all of the wanted ones.</summary>
    public static bool Imply(SeccompCondition[] given, SeccompCondition[] wanted)
        => Array.TrueForAll(wanted, condition => Array.Exists(given, other => other.Index == condition.Index && Implies(other, condition)));

    /// <summary>Whether no call has all conditions of both, be they compared in 64 bits or in 32; false where that cannot be said.</summary>
    public static bool Exclude(SeccompCondition[] a, SeccompCondition[] b)
        => Array.Exists(a, one => Array.Exists(b, other => one.Index == other.Index && ((Not(one) is { } notOne && Implies(other, notOne)) || (Not(other) is { } notOther && Implies(one, notOther)))));

    /// <summary>What holds when all conditions of both do; null when that is never so, or cannot be said.</summary>
    public static SeccompCondition[]? Both(SeccompCondition[] a, SeccompCondition[] b)
    {
        if (a.Length == 0 || b.Length == 0)
        {
            return a.Length == 0 ? b : a;
        }

        var both = new List<SeccompCondition>(a.Length + b.Length);
        int i = 0, j = 0;   // both are in the order of the arguments
        while (i < a.Length || j < b.Length)
        {
            if (j == b.Length || (i < a.Length && a[i].Index < b[j].Index))
            {
                both.Add(a[i++]);
            }
            else if (i == a.Length || b[j].Index < a[i].Index)
            {
                both.Add(b[j++]);
            }
            else if (Both(a[i++], b[j++]) is { } condition)
            {
                both.Add(condition);
            }
            else
            {
                return null;
            }
        }

        return [.. both];
    }

    /// <summary>What holds exactly when the condition does not; null for a mask.</summary>
    public static SeccompCondition? Not(SeccompCondition condition) => condition.Op switch
    {
        "SCMP_CMP_NE" => condition with { Op = Equal },
        Equal => condition with { Op = "SCMP_CMP_NE" },
        "SCMP_CMP_LT" => condition with { Op = "SCMP_CMP_GE" },
        "SCMP_CMP_GE" => condition with { Op = "SCMP_CMP_LT" },
        "SCMP_CMP_LE" => condition with { Op = "SCMP_CMP_GT" },
        "SCMP_CMP_GT" => condition with { Op = "SCMP_CMP_LE" },
        _ => null,
    };

    /// <summary>
    /// Whether libseccomp (2.5 and 2.6) might compare the wrong word of an argument, or lose a rule, if it got these alternatives. Rules over one argument share
    /// comparisons, also with other calls and other architectures of the filter, and a comparison that is reached on two paths does not see that they come with
    /// different words loaded; and of two rules that share the comparison of the upper half, the one that asks for more may be lost. It takes a rule with more than one
    /// condition, or constants beyond 32 bits, or anything but equality: a list of values, one rule each, is what can be relied on.
    /// </summary>
    /// <param name="alternatives">The conditions of each rule of a call.</param>
    /// <param name="alone">Whether no other call shares comparisons with it (<see cref="SharedComparisons"/>): then equalities can be relied on in rules of any length.</param>
    public static bool MayConfuse(SeccompCondition[][] alternatives, bool alone = false)
    {
        for (int i = 0; i < alternatives.Length; i++)
        {
            for (int j = i + 1; j < alternatives.Length; j++)
            {
                bool isLong = alternatives[i].Length + alternatives[j].Length > 2 && !(alone && Array.TrueForAll(alternatives[i], IsPlain) && Array.TrueForAll(alternatives[j], IsPlain));
                foreach (SeccompCondition condition in alternatives[i])
                {
                    if (Array.Exists(alternatives[j], other => other.Index == condition.Index && (isLong || !IsPlain(condition) || !IsPlain(other))))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    /// <summary>Whether the condition is a mask over the lower half, which shares no comparison with equalities.</summary>
    public static bool IsLowMask(SeccompCondition condition) => condition.Op == MaskedEqual && condition.Value is > 0 and <= uint.MaxValue;

    /// <summary>Whether the condition is about one value of 32 bits.</summary>
    internal static bool IsPlain(SeccompCondition condition) => condition.Op == Equal && condition.Value <= uint.MaxValue;

    private static SeccompCondition? Both(SeccompCondition a, SeccompCondition b)
    {
        if (Implies(a, b))
        {
            return Implies(b, a) && Precedes(b, a) ? b : a;   // two spellings of one condition: the same whoever comes first
        }

        if (Implies(b, a))
        {
            return b;
        }

        // Masks that agree where they overlap are one larger mask.
        return a.Op == MaskedEqual && b.Op == MaskedEqual && ((a.ValueTwo ^ b.ValueTwo) & a.Value & b.Value) == 0
            ? new SeccompCondition(a.Index, MaskedEqual, a.Value | b.Value, (a.ValueTwo & a.Value) | (b.ValueTwo & b.Value))
            : null;
    }

    private static bool Precedes(SeccompCondition a, SeccompCondition b)
        => IsPlain(a) != IsPlain(b) ? IsPlain(a) : a.Op != b.Op ? string.CompareOrdinal(a.Op, b.Op) < 0 : a.Value != b.Value ? a.Value < b.Value : a.ValueTwo < b.ValueTwo;

    private static bool Implies(SeccompCondition given, SeccompCondition wanted)
    {
        if (given == wanted)
        {
            return true;
        }

        return given.Op switch
        {
            Equal => Holds(wanted, given.Value) && Holds(Low(wanted), (uint)given.Value),
            MaskedEqual => wanted.Op == MaskedEqual && (wanted.Value & ~given.Value) == 0 && ((given.ValueTwo ^ wanted.ValueTwo) & wanted.Value) == 0,
            // A range within a range; constants that 32 bits would cut are left alone.
            _ when given.Value > uint.MaxValue || wanted.Value > uint.MaxValue => false,
            "SCMP_CMP_LT" or "SCMP_CMP_LE" => Last(given) is { } last && wanted.Op is "SCMP_CMP_LT" or "SCMP_CMP_LE" ? last <= Last(wanted) : wanted.Op == "SCMP_CMP_NE" && last < (long)wanted.Value,
            "SCMP_CMP_GT" or "SCMP_CMP_GE" => First(given) is { } first && wanted.Op is "SCMP_CMP_GT" or "SCMP_CMP_GE" ? first >= First(wanted) : wanted.Op == "SCMP_CMP_NE" && first > (long)wanted.Value,
            _ => false,
        };
    }

    private static long Last(SeccompCondition below) => (long)below.Value - (below.Op == "SCMP_CMP_LT" ? 1 : 0);

    private static long First(SeccompCondition above) => (long)above.Value + (above.Op == "SCMP_CMP_GT" ? 1 : 0);

    private static SeccompCondition Low(SeccompCondition condition)
        => condition with { Value = (uint)condition.Value, ValueTwo = (uint)condition.ValueTwo };

    private static bool Holds(SeccompCondition condition, ulong value) => condition.Op switch
    {
        "SCMP_CMP_NE" => value != condition.Value,
        "SCMP_CMP_LT" => value < condition.Value,
        "SCMP_CMP_LE" => value <= condition.Value,
        Equal => value == condition.Value,
        "SCMP_CMP_GE" => value >= condition.Value,
        "SCMP_CMP_GT" => value > condition.Value,
        MaskedEqual => (value & condition.Value) == (condition.ValueTwo & condition.Value),   // libseccomp masks both sides
        _ => false,
    };
}
