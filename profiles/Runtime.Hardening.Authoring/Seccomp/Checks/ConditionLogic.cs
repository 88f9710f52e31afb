using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>What can be said of conditions without a solver. "False" may mean that it cannot be shown.</summary>
internal static class ConditionLogic
{
    private const string Masked = Conditions.MaskedEqual;

    /// <summary>Whether a value satisfies a condition.</summary>
    public static bool Holds(SeccompCondition condition, ulong value)
        => condition.Op == Masked ? (value & condition.Value) == Wanted(condition) : Ranges(condition).Any(r => value >= r.From && value <= r.To);

    /// <summary>No value satisfies it. A mask always has one that does.</summary>
    public static bool IsImpossible(SeccompCondition condition) => condition.Op != Masked && Ranges(condition).Length == 0;

    /// <summary>What a masked argument is compared with: libseccomp masks both sides, so other bits of the second value count for nothing.</summary>
    public static ulong Wanted(SeccompCondition mask) => mask.ValueTwo & mask.Value;

    /// <summary>Every value satisfies it.</summary>
    public static bool IsEmpty(SeccompCondition condition)
        => condition.Op == Masked ? condition.Value == 0 : Ranges(condition) is [(0, ulong.MaxValue)];

    /// <summary>Whether everything that satisfies all of <paramref name="narrow"/> satisfies all of <paramref name="wide"/>.</summary>
    public static bool Implies(IReadOnlyList<SeccompCondition> narrow, IReadOnlyList<SeccompCondition> wide)
        => wide.All(w => narrow.Any(n => n.Index == w.Index && Implies(n.In(64), w.In(64))));

    /// <summary>Whether nothing satisfies both lists.</summary>
    public static bool Exclude(IReadOnlyList<SeccompCondition> a, IReadOnlyList<SeccompCondition> b)
        => a.Any(x => b.Any(y => x.Index == y.Index && Exclude(x.In(64), y.In(64))));

    private static bool Implies(SeccompCondition narrow, SeccompCondition wide)
    {
        if (narrow == wide)
        {
            return true;
        }

        // On a 32-bit architecture the filter compares the lower halves alone, and there the larger constants mean something else.
        if (Math.Max(Math.Max(narrow.Value, narrow.ValueTwo), Math.Max(wide.Value, wide.ValueTwo)) > uint.MaxValue)
        {
            return false;
        }

        return (narrow.Op == Masked, wide.Op == Masked) switch
        {
            (true, true) => (wide.Value & ~narrow.Value) == 0 && (narrow.ValueTwo & wide.Value) == wide.ValueTwo,
            (false, true) => Ranges(narrow) is [{ } only] && only.From == only.To && Holds(wide, only.From),
            (true, false) => false,
            _ => Ranges(narrow).All(n => Ranges(wide).Any(w => n.From >= w.From && n.To <= w.To)),
        };
    }

    private static bool Exclude(SeccompCondition a, SeccompCondition b) => (a.Op == Masked, b.Op == Masked) switch
    {
        (true, true) => ((a.ValueTwo ^ b.ValueTwo) & a.Value & b.Value) != 0,
        (false, true) => Ranges(a) is [{ } only] && only.From == only.To && !Holds(b, only.From),
        (true, false) => Exclude(b, a),
        _ => !Ranges(a).Any(x => Ranges(b).Any(y => x.From <= y.To && y.From <= x.To)),
    };

    private static (ulong From, ulong To)[] Ranges(SeccompCondition condition)
    {
        ulong value = condition.Value;
        const ulong Most = ulong.MaxValue;
        (ulong, ulong)[] below = value == 0 ? [] : [(0, value - 1)];
        (ulong, ulong)[] above = value == Most ? [] : [(value + 1, Most)];
        return condition.Op switch
        {
            "SCMP_CMP_NE" => [.. below, .. above],
            "SCMP_CMP_LT" => below,
            "SCMP_CMP_LE" => [(0, value)],
            "SCMP_CMP_EQ" => [(value, value)],
            "SCMP_CMP_GE" => [(value, Most)],
            _ => above,
        };
    }
}
