using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// Compares what two profiles do with one number. Conditions divide the values of each argument into classes within which nothing changes, so it is enough
/// to try one value of each class, in every combination.
/// </summary>
internal static class RuleComparison
{
    private const int MostCombinations = 1 << 16;

    private static readonly ulong[] s_any = [0];   // one class: no condition is about the argument

    /// <param name="a">The first profile's rules; null when it has none for the number.</param>
    /// <param name="defaultA">What it does where no rule holds.</param>
    /// <param name="b">The second profile's.</param>
    /// <param name="defaultB">What that does where no rule holds.</param>
    /// <param name="bits">How much of an argument is compared.</param>
    public static Comparison Compare(NumberRules? a, SeccompResult defaultA, NumberRules? b, SeccompResult defaultB, int bits)
    {
        IReadOnlyList<SeccompDecider> left = a?.Conditional ?? [], right = b?.Conditional ?? [];
        SeccompResult fixedA = a?.Always?.Result ?? defaultA, fixedB = b?.Always?.Result ?? defaultB;
        SeccompResult loosestA = left.Aggregate(fixedA, static (result, rule) => SeccompResult.Loosest(result, rule.Result));
        SeccompResult strictestB = right.Aggregate(fixedB, static (result, rule) => SeccompResult.Strictest(result, rule.Result));
        if (loosestA.IsAtLeast(strictestB))
        {
            return Comparison.Tighter;
        }

        if (left.Count == 0 && right.Count == 0)
        {
            return Comparison.Looser(new ulong[6], fixedA, fixedB);
        }

        if (a?.IsConfused == true || b?.IsConfused == true)
        {
            return Comparison.Unknown(ConditionDoubt.Sentence);
        }

        // The same rules in the same order: whatever libseccomp picks, it picks the same.
        if (fixedA.IsAtLeast(fixedB) && Same(left, right))
        {
            return Comparison.Tighter;
        }

        return Search(new Side(left, fixedA), new Side(right, fixedB), bits);
    }

    private static Comparison Search(Side a, Side b, int bits)
    {
        var values = new ulong[6][];
        long combinations = 1;
        for (uint i = 0; i < 6; i++)
        {
            if (!a.Compares(i) && !b.Compares(i))
            {
                values[i] = s_any;
                continue;
            }

            if (ArgumentClasses.Of(a.Rules.Concat(b.Rules).SelectMany(static rule => rule.Conditions).Where(condition => condition.Index == i), bits) is not { } classes)
            {
                return Comparison.Unknown($"its masks on argument {i} are too many to try all their combinations");
            }

            values[i] = classes;
            combinations *= classes.Length;
            if (combinations > MostCombinations)
            {
                return Comparison.Unknown($"its conditions make more than {MostCombinations} combinations of arguments");
            }
        }

        string? doubt = null;
        Span<int> at = stackalloc int[6];
        var arguments = new ulong[6];
        for (long n = 0; n < combinations; n++)
        {
            for (int i = 0; i < 6; i++)
            {
                arguments[i] = values[i][at[i]];
            }

            (SeccompResult loosestA, SeccompResult strictestA) = a.Ask(arguments, bits);
            (SeccompResult loosestB, SeccompResult strictestB) = b.Ask(arguments, bits);
            if (!strictestA.IsAtLeast(loosestB))
            {
                return Comparison.Looser(arguments, strictestA, loosestB);
            }

            if (!loosestA.IsAtLeast(strictestB))
            {
                doubt ??= $"several of its rules hold for ({string.Join(", ", arguments.Select(static value => $"0x{value:x}"))}), and which one wins is libseccomp's choice";
            }

            for (int i = 0; i < 6 && ++at[i] == values[i].Length; i++)
            {
                at[i] = 0;
            }
        }

        return doubt is null ? Comparison.Tighter : Comparison.Unknown(doubt);
    }

    private static bool Same(IReadOnlyList<SeccompDecider> a, IReadOnlyList<SeccompDecider> b)
    {
        bool same = a.Count == b.Count;
        for (int i = 0; same && i < a.Count; i++)
        {
            same = a[i].Result == b[i].Result && a[i].Conditions.AsSpan().SequenceEqual(b[i].Conditions);
        }

        return same;
    }

    private readonly record struct Side(IReadOnlyList<SeccompDecider> Rules, SeccompResult Fallback)
    {
        // Without lambdas and lists: most arguments of most calls are never compared, and a comparison of large profiles asks thousands of times.
        public bool Compares(uint argument)
        {
            for (int i = 0; i < Rules.Count; i++)
            {
                foreach (SeccompCondition condition in Rules[i].Conditions)
                {
                    if (condition.Index == argument)
                    {
                        return true;
                    }
                }
            }

            return false;
        }

        public (SeccompResult Loosest, SeccompResult Strictest) Ask(ReadOnlySpan<ulong> arguments, int bits)
        {
            bool any = false;
            SeccompResult loosest = Fallback, strictest = Fallback;
            foreach (SeccompDecider rule in Rules)
            {
                if (rule.Holds(arguments, bits))
                {
                    loosest = any ? SeccompResult.Loosest(loosest, rule.Result) : rule.Result;
                    strictest = any ? SeccompResult.Strictest(strictest, rule.Result) : rule.Result;
                    any = true;
                }
            }

            return (loosest, strictest);
        }
    }
}

/// <summary>What a comparison of one number found.</summary>
/// <param name="Answer">Yes: the first profile is at least as strict.</param>
/// <param name="Arguments">With which arguments it is looser.</param>
/// <param name="Left">What it does then.</param>
/// <param name="Right">What the other does.</param>
/// <param name="Doubt">Why nothing can be said.</param>
internal readonly record struct Comparison(TightnessAnswer Answer, ulong[]? Arguments, SeccompResult Left, SeccompResult Right, string? Doubt)
{
    public static Comparison Tighter => default;

    public static Comparison Looser(ulong[] arguments, SeccompResult left, SeccompResult right) => new(TightnessAnswer.No, arguments, left, right, null);

    public static Comparison Unknown(string doubt) => new(TightnessAnswer.CannotProve, null, default, default, doubt);
}
