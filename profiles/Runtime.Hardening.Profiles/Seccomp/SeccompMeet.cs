namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// What two profiles both allow, name by name: allowed by both stays allowed, allowed by one takes the other's conditions, conditions that both share are kept, and
/// everything else gets the strictest thing either could do. The result is never weaker than either, for every architecture, number and argument.
/// </summary>
public static class SeccompMeet
{
    /// <summary>The meet. Members that are not about system calls (flags, listener) are the engine's, because only its runtime call can honour them.</summary>
    public static SeccompProfile Of(SeccompProfile engine, SeccompProfile policy)
    {
        var meet = new SeccompProfile
        {
            Default = SeccompResult.Strictest(engine.Default, policy.Default),
            Architectures = Architectures(engine.Architectures, policy.Architectures),
            OtherMembers = engine.OtherMembers.Length > 0 ? engine.OtherMembers : policy.OtherMembers,
        };
        foreach (string name in engine.Outcomes.Keys)
        {
            Add(meet, name, engine, policy);
        }

        foreach (string name in policy.Outcomes.Keys)
        {
            if (!engine.Outcomes.ContainsKey(name))
            {
                Add(meet, name, engine, policy);
            }
        }

        foreach (string name in engine.NamedOnly.Concat(policy.NamedOnly))
        {
            if (!meet.Outcomes.ContainsKey(name))
            {
                meet.Add(name, meet.Default, []);
            }
        }

        return meet;
    }

    private static void Add(SeccompProfile meet, string name, SeccompProfile engine, SeccompProfile policy)
    {
        SyscallOutcome a = engine[name], b = policy[name];
        ConditionalRule[]? conditions =
            a.Unconditional?.Action == SeccompAction.Allow ? b.Unconditional is null ? b.Conditional : null
            : b.Unconditional?.Action == SeccompAction.Allow ? a.Unconditional is null ? a.Conditional : null
            : a.Unconditional is null && b.Unconditional is null ? AllowedByBoth(a.Conditional, b.Conditional)
            : null;
        // A rule that equals the meet's default is dropped by runtimes; what it overrode would then stand alone.
        if (conditions is null || (Array.Exists(conditions, rule => rule.Result == meet.Default) && Array.Exists(conditions, rule => rule.Result != meet.Default)))
        {
            meet.Add(name, SeccompResult.Strictest(Worst(a, engine.Default), Worst(b, policy.Default)), []);
            return;
        }

        // Where no condition holds, the meet's default answers, which is at least as strict as the one that the conditions were written for.
        foreach (ConditionalRule rule in conditions)
        {
            meet.Add(name, rule.Result, rule.Conditions);
        }
    }

    // Equal rules, or those that allow only what a rule of the other side allows too: socket as a list of families under "any family but AF_VSOCK".
    // What cannot be shown to be allowed by both is left out, which is tighter. Null: nothing is left.
    private static ConditionalRule[]? AllowedByBoth(ConditionalRule[] a, ConditionalRule[] b)
    {
        if (a.AsSpan().SequenceEqual(b))
        {
            return a;
        }

        // A rule that denies has a say over the others' arguments, and then only equality is safe.
        if (Array.Exists(a, Denies) || Array.Exists(b, Denies))
        {
            return null;
        }

        ConditionalRule[] both =
        [
            .. a.Where(rule => Array.Exists(b, other => Implies(rule, other))),
            .. b.Where(rule => Array.Exists(a, other => Implies(rule, other)) && Array.IndexOf(a, rule) < 0),
        ];
        return both.Length > 0 ? both : null;
    }

    private static bool Denies(ConditionalRule rule) => rule.Result.Action != SeccompAction.Allow;

    private static bool Implies(ConditionalRule rule, ConditionalRule other)
        => Array.TrueForAll(other.Conditions, wanted => Array.Exists(
            rule.Conditions,
            given => given == wanted || (given.Index == wanted.Index && given.Op == "SCMP_CMP_EQ" && Holds(wanted, given.Value) && Holds(Low(wanted), (uint)given.Value))));

    // On a 32-bit architecture the filter compares the lower halves alone, and the profile is for every architecture in its list.
    private static SeccompCondition Low(SeccompCondition condition)
        => condition with { Value = (uint)condition.Value, ValueTwo = (uint)condition.ValueTwo };

    private static bool Holds(SeccompCondition condition, ulong value) => condition.Op switch
    {
        "SCMP_CMP_NE" => value != condition.Value,
        "SCMP_CMP_LT" => value < condition.Value,
        "SCMP_CMP_LE" => value <= condition.Value,
        "SCMP_CMP_EQ" => value == condition.Value,
        "SCMP_CMP_GE" => value >= condition.Value,
        "SCMP_CMP_GT" => value > condition.Value,
        "SCMP_CMP_MASKED_EQ" => (value & condition.Value) == condition.ValueTwo,
        _ => false,
    };

    // The strictest thing that can happen to the call, whatever its arguments.
    private static SeccompResult Worst(SyscallOutcome outcome, SeccompResult fallback)
    {
        if (outcome.Unconditional is { } always)
        {
            return always;
        }

        SeccompResult worst = fallback;
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
