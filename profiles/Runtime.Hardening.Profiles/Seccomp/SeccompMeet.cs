namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// What two profiles both allow, name by name: allowed by both stays allowed, on the conditions of both, and everything else gets the strictest thing either
/// could do. The result is never weaker than either, for every architecture, number and argument; where a profile cannot say what it should be, it is tighter.
/// </summary>
public static class SeccompMeet
{
    /// <summary>The meet. Members that are not about system calls (flags, listener) are the engine's, because only its runtime call can honour them.</summary>
    public static SeccompProfile Of(SeccompProfile engine, SeccompProfile policy)
    {
        var meet = new SeccompProfile(Math.Max(engine.Outcomes.Count, policy.Outcomes.Count))
        {
            Default = SeccompResult.Strictest(engine.Default, policy.Default),
            Architectures = Architectures(engine.Architectures, policy.Architectures),
            OtherMembers = engine.OtherMembers,
        };
        if (IsSame(engine, policy) && !MultiplexerMeet.DependsOnOrder(engine))
        {
            foreach ((string name, SyscallOutcome outcome) in engine.Table)
            {
                meet.Table.Add(name, outcome);   // whatever libseccomp makes of it, it makes of both
            }
        }
        else
        {
            AddCalls(meet, engine, policy);
            MultiplexerMeet.Settle(meet, engine, policy);
            BlindFilter.Close(meet, engine);
            BlindFilter.Close(meet, policy);
            MultiplexerMeet.Protect(meet);
            BlindFilter.Prevent(meet);
        }

        foreach (string name in engine.NamedOnly)
        {
            meet.NameOnly(name);
        }

        foreach (string name in policy.NamedOnly)
        {
            meet.NameOnly(name);
        }

        return meet;
    }

    /// <summary>
    /// The calls that both profiles allow with some arguments and their meet with none, in the order of their names: conditions that have no argument in common, or that
    /// libseccomp would not keep apart. Somebody will look for them.
    /// </summary>
    /// <param name="a">One profile.</param>
    /// <param name="b">The other.</param>
    /// <param name="meet">Their meet.</param>
    public static IReadOnlyList<string> Lost(SeccompProfile a, SeccompProfile b, SeccompProfile meet)
    {
        List<string> lost = [];
        foreach ((SeccompProfile one, SeccompProfile other) in ((SeccompProfile, SeccompProfile)[])[(a, b), (b, a)])
        {
            foreach ((string name, SyscallOutcome outcome) in one.Table)
            {
                // Allowed by both without a condition it is allowed by the meet.
                if (outcome.Conditional.Length > 0 && AllowsSome(outcome, one.Default) && AllowsSome(other[name], other.Default) && !AllowsSome(meet[name], meet.Default)
                    && !lost.Contains(name))
                {
                    lost.Add(name);
                }
            }
        }

        lost.Sort(StringComparer.Ordinal);
        return lost;
    }

    private static bool AllowsSome(in SyscallOutcome outcome, SeccompResult fallback)
        => (outcome.Unconditional ?? fallback).Action <= SeccompAction.Log || Array.Exists(outcome.Conditional, static rule => rule.Result.Action <= SeccompAction.Log);

    private static bool IsSame(SeccompProfile a, SeccompProfile b)
    {
        if (a.Default != b.Default || a.Table.Count != b.Table.Count || !Architectures(a.Architectures, a.Architectures).AsSpan().SequenceEqual(Architectures(b.Architectures, b.Architectures)))
        {
            return false;
        }

        foreach ((string name, SyscallOutcome outcome) in a.Table)
        {
            if (!b.Table.TryGetValue(name, out SyscallOutcome other) || outcome.Unconditional != other.Unconditional || !outcome.Conditional.AsSpan().SequenceEqual(other.Conditional))
            {
                return false;
            }
        }

        return true;
    }

    private static void AddCalls(SeccompProfile meet, SeccompProfile engine, SeccompProfile policy)
    {
        var budget = new MeetBudget();
        foreach ((string name, SyscallOutcome outcome) in engine.Table)
        {
            Add(meet, name, outcome, engine.Default, policy[name], policy.Default, budget);
        }

        foreach ((string name, SyscallOutcome outcome) in policy.Table)
        {
            if (!engine.Table.ContainsKey(name))
            {
                Add(meet, name, engine[name], engine.Default, outcome, policy.Default, budget);
            }
        }

        List<string>? lonely = null;
        foreach ((string name, SyscallOutcome outcome) in meet.Table)
        {
            if (outcome.Conditional.Length > 1 && SharedComparisons.NeedsToBeAlone(outcome, meet.Default))
            {
                (lonely ??= []).Add(name);
            }
        }

        if (lonely is not null)
        {
            SharedComparisons.Settle(meet, lonely);
        }
    }

    private static void Add(SeccompProfile meet, string name, in SyscallOutcome a, SeccompResult defaultA, in SyscallOutcome b, SeccompResult defaultB, MeetBudget budget)
    {
        if (a.Conditional.Length == 0 && b.Conditional.Length == 0)
        {
            meet.Add(name, SeccompResult.Strictest(a.Unconditional!.Value, b.Unconditional!.Value), []);
            return;
        }

        if (a.Unconditional is not null && a.Unconditional == b.Unconditional && a.Unconditional != meet.Default && a.Conditional.AsSpan().SequenceEqual(b.Conditional)
            && !DropsSome(a.Conditional, meet.Default))
        {
            // The rule before it that wins where arguments have 32 bits.
            meet.Add(name, a.Conditional[0].Result, a.Conditional[0].Conditions);
            meet.Add(name, a.Unconditional.Value, []);
            return;
        }

        foreach (ConditionalRule rule in Conditional(meet.Default, a, defaultA, b, defaultB, budget) ?? [new(SeccompResult.Strictest(Worst(a, defaultA), Worst(b, defaultB)), [])])
        {
            meet.Add(name, rule.Result, rule.Conditions);
        }

        meet.NameOnly(name);   // where nothing is left of it
    }

    // Null: nothing but the strictest of everything is safe.
    private static IEnumerable<ConditionalRule>? Conditional(
        SeccompResult strict, in SyscallOutcome a, SeccompResult defaultA, in SyscallOutcome b, SeccompResult defaultB, MeetBudget budget)
    {
        // One denies whatever the arguments are: no rule of the other can say more than how strictly, and a meet that came out so stays so when it is met again.
        if (IsDenial(a) || IsDenial(b))
        {
            return null;
        }

        // One does what the other does where no condition holds, or nothing at all: the other's rules say it all.
        if (a.Unconditional == SeccompResult.Allow && a.Conditional.Length == 0 && b.Unconditional is null && defaultB == strict)
        {
            return b.Conditional;
        }

        if (b.Unconditional == SeccompResult.Allow && b.Conditional.Length == 0 && a.Unconditional is null && defaultA == strict)
        {
            return a.Conditional;
        }

        if (a.Unconditional is null && b.Unconditional is null && !DropsSome(a.Conditional, strict) && a.Conditional.AsSpan().SequenceEqual(b.Conditional))
        {
            return a.Conditional;
        }

        if (AllowForm.Of(a, defaultA, strict, budget) is { } allowedA && AllowForm.Of(b, defaultB, strict, budget) is { } allowedB)
        {
            SeccompResult permission = SeccompResult.Strictest(AllowForm.Permission(a, defaultA, strict), AllowForm.Permission(b, defaultB, strict));
            return AllowForm.Both(allowedA, allowedB, budget)?.Select(conditions => new ConditionalRule(permission, conditions));
        }

        return Denials(strict, a, defaultA, b, defaultB, budget);
    }

    private static bool IsDenial(in SyscallOutcome outcome) => outcome.Conditional.Length == 0 && outcome.Unconditional?.Action is not (SeccompAction.Allow or SeccompAction.Log);

    // A rule that equals the meet's default is dropped by runtimes; what it overrode would then stand alone.
    private static bool DropsSome(ConditionalRule[] rules, SeccompResult strict)
    {
        bool drops = false, keeps = false;
        foreach (ConditionalRule rule in rules)
        {
            drops |= rule.Result == strict;
            keeps |= rule.Result != strict;
        }

        return drops && keeps;
    }

    // Two lists of denials under a default that both have or do not reach: all of both. Where several hold, libseccomp chooses, so all of them are as strict as the strictest.
    private static ConditionalRule[]? Denials(
        SeccompResult fallback, SyscallOutcome a, SeccompResult defaultA, SyscallOutcome b, SeccompResult defaultB, MeetBudget budget)
    {
        long rules = a.Conditional.Length + b.Conditional.Length;
        if (!OnlyDenies(a, fallback) || !OnlyDenies(b, fallback) || !budget.Take(rules * rules))
        {
            return null;
        }

        SeccompResult strictest = SeccompResult.Strictest(Worst(a, defaultA), Worst(b, defaultB));
        ConditionalRule[] all = [.. a.Conditional.Concat(b.Conditional).Where(rule => rule.Result != fallback).Select(rule => rule with { Result = strictest }).Distinct()];
        return ConditionAlgebra.MayConfuse(Array.ConvertAll(all, static rule => rule.Conditions)) ? null : all;
    }

    private static bool OnlyDenies(in SyscallOutcome outcome, SeccompResult fallback)
    {
        foreach (ConditionalRule rule in outcome.Conditional)
        {
            if (!rule.Result.IsAtLeast(fallback))
            {
                return false;
            }
        }

        return outcome.Unconditional is not { } always || (fallback.IsAtLeast(always) && outcome.Conditional.Length == 0);
    }

    // The strictest thing that can happen to the call, whatever its arguments.
    internal static SeccompResult Worst(in SyscallOutcome outcome, SeccompResult fallback)
    {
        SeccompResult worst = outcome.Unconditional ?? fallback;
        foreach (ConditionalRule rule in outcome.Conditional)
        {
            worst = SeccompResult.Strictest(worst, rule.Result);
        }

        return worst;
    }

    // An empty list means the native architecture alone. It is written out, because runc below 1.2 puts its ENOSYS stub only on listed ones.
    private static string[] Architectures(string[] a, string[] b)
    {
        string native = NativeArchitecture.Scmp;
        string[] left = Array.IndexOf(a, native) >= 0 ? a : [native, .. a];
        string[] right = Array.IndexOf(b, native) >= 0 ? b : [native, .. b];
        return [.. left.Where(right.Contains).Distinct()];
    }
}
