using Runtime.Hardening.Authoring.Seccomp.Checks;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// At least the union of two profiles, name by name: both are tighter than it. It is the least that allows what either allows as far as a profile can express
/// that, and says where it is more. Used to merge recordings.
/// </summary>
public static class SeccompUnion
{
    /// <summary>The union. Members that are not about system calls are the first profile's.</summary>
    /// <param name="a">The first profile.</param>
    /// <param name="b">The second.</param>
    /// <param name="widened">Receives every call of which it allows more than either, with the reason.</param>
    public static SeccompProfile Of(SeccompProfile a, SeccompProfile b, IDictionary<string, string>? widened = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var union = new SeccompProfile
        {
            Default = SeccompResult.Loosest(a.Default, b.Default),
            // An empty list stands for the native architecture, which stays implied.
            Architectures = [.. a.Architectures.Union(b.Architectures)],
            OtherMembers = a.OtherMembers,
        };
        string[] names = [.. a.Outcomes.Keys.Union(b.Outcomes.Keys)];
        // Where libseccomp forgets a profile's rules, its denials were none.
        bool seesDenials = !IsBlind(a) && !IsBlind(b);
        var multiplexers = new MultiplexerUnion(a, b, union.Default);
        var lonely = new Dictionary<string, SeccompCondition[][]>();
        foreach (string name in names)
        {
            if (multiplexers.Decides(name, out SeccompResult result))
            {
                union.Add(name, result, []);
            }
            else
            {
                Add(union, name, a, b, seesDenials && multiplexers.KeepsDenials(name), lonely, widened);
            }
        }

        Settle(union, lonely, widened);

        foreach (string name in names.Concat(a.NamedOnly).Concat(b.NamedOnly).Where(name => !union.Outcomes.ContainsKey(name)))
        {
            union.Add(name, union.Default, []);
        }

        PreventBlindness(union);
        return union;
    }

    private static bool IsBlind(SeccompProfile profile)
    {
        var blind = new BlindArchitectures(profile, SeccompRuntime.Crun, new SyscallLimits(profile, SeccompRuntime.Crun, SyscallTable.Native).Architectures);
        return (blind.Certain | blind.Possible) != 0;
    }

    // libseccomp must load the number, or the default answers everything (BlindArchitectures): a harmless call that all architectures have gets something looser.
    private static void PreventBlindness(SeccompProfile union)
    {
        if (!IsBlind(union) || union.Default == SeccompResult.Allow)
        {
            return;
        }

        const string harmless = "lookup_dcookie";   // gone since Linux 6.7
        SeccompResult looser = union.Default.Action switch
        {
            SeccompAction.KillProcess or SeccompAction.KillThread or SeccompAction.Trap => SeccompResult.Enosys,
            SeccompAction.Errno => union.Default with { Errno = union.Default == SeccompResult.Enosys ? 1 : union.Default.Errno + 1 },
            _ => SeccompResult.Allow,
        };
        SyscallOutcome known = union[harmless];
        union.Remove(harmless);
        union.Add(harmless, known.Conditional.Select(static rule => rule.Result).Aggregate(looser, SeccompResult.Loosest), []);
    }

    private static void Add(SeccompProfile union, string name, SeccompProfile a, SeccompProfile b, bool keepsDenials,
        Dictionary<string, SeccompCondition[][]> lonely, IDictionary<string, string>? widened)
    {
        Side left = new(a[name], a.Default, union.Default), right = new(b[name], b.Default, union.Default);
        if (left.Opening.Length + right.Opening.Length > 0)
        {
            Open(union, name, [.. left.Opening, .. right.Opening], lonely, widened);
            return;
        }

        if (!keepsDenials)
        {
            return;
        }

        // Denials under a default that is looser: only what both deny, and no more strictly than either does anywhere.
        SeccompResult denial = SeccompResult.Loosest(left.LeastDenial, right.LeastDenial);
        SeccompCondition[][] denied = Distinct(left.DeniesAll ? right.DeniesAll ? [[]] : right.Denials
            : right.DeniesAll ? left.Denials
            : left.Denials.Where(mine => right.Denials.Any(theirs => theirs.AsSpan().SequenceEqual(mine))));
        SeccompCondition[][] kept = ConditionAlgebra.MayConfuse(denied) ? [] : denied;
        foreach (SeccompCondition[] conditions in kept)
        {
            union.Add(name, denial, conditions);
        }

        SeccompCondition[][] mine = left.DeniesAll ? [[]] : left.Denials, theirs = right.DeniesAll ? [[]] : right.Denials;
        if (widened is not null && mine.Any(m => theirs.Any(t => !ConditionLogic.Exclude(m, t) && !kept.Any(k => ConditionAlgebra.Imply([.. m, .. t], k)))))
        {
            widened[name] = $"what every part denies of it cannot be said under libseccomp, so more of it is {Words(union.Default)}";
        }
    }

    // Whatever is looser than the default, all of it as the loosest of it: alternatives are an "or". Denials beside it fall to the default.
    private static void Open(
        SeccompProfile union, string name, ConditionalRule[] rules, Dictionary<string, SeccompCondition[][]> lonely, IDictionary<string, string>? widened)
    {
        SeccompResult loosest = rules.Select(static rule => rule.Result).Aggregate(SeccompResult.Loosest);
        SeccompCondition[][] openings = Widest(Distinct(rules.Select(static rule => rule.Conditions)));
        bool isConfused = ConditionAlgebra.MayConfuse(openings);
        if (isConfused && loosest == SeccompResult.Allow && !ConditionAlgebra.MayConfuse(openings, alone: true))
        {
            lonely.Add(name, openings);
        }

        foreach (SeccompCondition[] conditions in isConfused ? [[]] : openings)
        {
            union.Add(name, loosest, conditions);
        }

        if (widened is null)
        {
            return;
        }

        if (isConfused)
        {
            widened[name] = $"its conditions cannot stand side by side in libseccomp, so it is {Words(loosest)} with every argument";
        }
        else if (Array.Exists(rules, rule => rule.Result != loosest && !Array.Exists(rules, other => other.Result == loosest && ConditionAlgebra.Imply(rule.Conditions, other.Conditions))))
        {
            widened[name] = $"its parts answer it differently, which rules side by side cannot say, so it is {Words(loosest)} wherever one of them answers it";
        }
    }

    // Equalities in rules of any length can be relied on as long as no other call compares values too.
    private static void Settle(SeccompProfile union, Dictionary<string, SeccompCondition[][]> lonely, IDictionary<string, string>? widened)
    {
        if (lonely.Count != 1)
        {
            return;
        }

        (string name, SeccompCondition[][] openings) = lonely.Single();
        union.Remove(name);
        foreach (SeccompCondition[] conditions in openings)
        {
            union.Add(name, SeccompResult.Allow, conditions);
        }

        if (SharedComparisons.OnlyCall(union) == name)
        {
            widened?.Remove(name);
            return;
        }

        union.Remove(name);
        union.Add(name, SeccompResult.Allow, []);
    }

    private static string Words(SeccompResult result) => result == SeccompResult.Allow ? "allowed" : $"{result}";

    // Without those that another one holds for anyhow.
    private static SeccompCondition[][] Widest(SeccompCondition[][] alternatives)
    {
        var widest = new List<SeccompCondition[]>();
        foreach (SeccompCondition[] conditions in alternatives)
        {
            if (!widest.Exists(wide => ConditionAlgebra.Imply(conditions, wide)))
            {
                widest.RemoveAll(narrow => ConditionAlgebra.Imply(narrow, conditions));
                widest.Add(conditions);
            }
        }

        return [.. widest];
    }

    private static SeccompCondition[][] Distinct(IEnumerable<SeccompCondition[]> alternatives)
    {
        var distinct = new List<SeccompCondition[]>();
        foreach (SeccompCondition[] conditions in alternatives)
        {
            if (!distinct.Exists(known => known.AsSpan().SequenceEqual(conditions)))
            {
                distinct.Add(conditions);
            }
        }

        return [.. distinct];
    }

    /// <summary>What one profile says of a name, seen from the union's default.</summary>
    private sealed class Side
    {
        public Side(in SyscallOutcome outcome, SeccompResult fallback, SeccompResult unionDefault)
        {
            List<ConditionalRule> rules = [.. outcome.Conditional];
            if (outcome.Unconditional is { } always)
            {
                rules.Add(new ConditionalRule(always, []));
            }

            Opening = [.. rules.Where(rule => !rule.Result.IsAtLeast(unionDefault))];
            Denials = [.. rules.Select(static rule => rule.Conditions)];
            DeniesAll = outcome.Unconditional is not null || fallback != unionDefault;
            LeastDenial = rules.Select(static rule => rule.Result).Aggregate(outcome.Unconditional is null && DeniesAll ? fallback : rules[0].Result, SeccompResult.Loosest);
        }

        /// <summary>Rules that are looser than the union's default.</summary>
        public ConditionalRule[] Opening { get; }

        /// <summary>The conditions of every rule.</summary>
        public SeccompCondition[][] Denials { get; }

        /// <summary>Whether no argument gets through as the union's default would let it.</summary>
        public bool DeniesAll { get; }

        /// <summary>The loosest answer where it does deny.</summary>
        public SeccompResult LeastDenial { get; }
    }
}
