using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>How the conditions of two entries stand to each other.</summary>
internal enum RulePair
{
    /// <summary>They can hold together.</summary>
    Overlap,

    /// <summary>They are the same conditions.</summary>
    Same,

    /// <summary>Whatever satisfies the second satisfies the first.</summary>
    SecondImpliesFirst,

    /// <summary>Whatever satisfies the first satisfies the second.</summary>
    FirstImpliesSecond,

    /// <summary>Nothing satisfies both.</summary>
    Exclude,

    /// <summary>They were not compared: there are too many.</summary>
    Unknown,
}

/// <summary>
/// Compares the conditions of entries, each pair once however many calls both name: their number grows with the square of the entries. There is a bound to it besides.
/// </summary>
internal sealed class RulePairs
{
    // Comparisons of one condition with another. 500 entries of two conditions for one call are within it, and it takes about a second.
    private const long MostWork = 1_000_000;

    private readonly Dictionary<(ProfileRule First, ProfileRule Second), RulePair> _known = new(new ByReference());
    private long _work;

    /// <summary>The entry from which on pairs were not compared; null when all were.</summary>
    public ProfileRule? FirstLeftOut { get; private set; }

    public RulePair Of(ProfileRule first, ProfileRule second)
    {
        // Nothing to remember of what costs nothing.
        if (first.Conditions.Count == 0 || second.Conditions.Count == 0)
        {
            return first.Conditions.Count == second.Conditions.Count ? RulePair.Same : RulePair.Unknown;
        }

        if (_known.TryGetValue((first, second), out RulePair known))
        {
            return known;
        }

        if (_work > MostWork)
        {
            FirstLeftOut ??= second;
            return RulePair.Unknown;
        }

        _work += 1 + ((long)first.Conditions.Count * second.Conditions.Count);
        return _known[(first, second)] = Compare(first.Conditions, second.Conditions);
    }

    private static RulePair Compare(IReadOnlyList<SeccompCondition> first, IReadOnlyList<SeccompCondition> second)
        => first.Count == second.Count && first.All(one => second.Any(other => one.In(64) == other.In(64))) ? RulePair.Same
            : ConditionLogic.Implies(second, first) ? RulePair.SecondImpliesFirst
            : ConditionLogic.Implies(first, second) ? RulePair.FirstImpliesSecond
            : ConditionLogic.Exclude(first, second) ? RulePair.Exclude
            : RulePair.Overlap;

    // An entry is the place where it stands; what it says may be long.
    private sealed class ByReference : IEqualityComparer<(ProfileRule First, ProfileRule Second)>
    {
        public bool Equals((ProfileRule First, ProfileRule Second) x, (ProfileRule First, ProfileRule Second) y) => ReferenceEquals(x.First, y.First) && ReferenceEquals(x.Second, y.Second);

        public int GetHashCode((ProfileRule First, ProfileRule Second) pair)
            => HashCode.Combine(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.First), System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.Second));
    }
}
