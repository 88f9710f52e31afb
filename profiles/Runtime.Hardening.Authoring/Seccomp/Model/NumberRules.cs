using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// The rules of one number in the filter of one architecture. The first that always holds wins and hides all others. Where arguments are compared in 32 bits,
/// constants lose their upper halves, and a mask that has nothing in its lower half makes a condition that always holds.
/// </summary>
internal sealed class NumberRules(int bits, bool alone = false)
{
    private readonly List<SeccompDecider> _conditional = [];
    private SeccompDecider? _always;
    private bool? _isConfused;

    /// <summary>The rule that always holds; null when there are conditional ones only.</summary>
    public SeccompDecider? Always => _always;

    /// <summary>In the order in which they were added; empty when one always holds.</summary>
    public IReadOnlyList<SeccompDecider> Conditional => _conditional;

    /// <summary>Whether libseccomp may make something else of the rules than they say.</summary>
    public bool IsConfused => _isConfused ??= _conditional.Count > 1 && ConditionAlgebra.MayConfuse([.. _conditional.Select(static rule => rule.Conditions)], alone);

    public void Add(string name, SyscallOutcome outcome)
    {
        foreach (ConditionalRule rule in outcome.Conditional)
        {
            Add(name, rule.Result, rule.Conditions);
        }

        if (outcome.Unconditional is { } result)
        {
            Add(name, result, []);
        }
    }

    /// <summary>Adds a call's rules as libseccomp writes them for its multiplexer.</summary>
    public void AddMultiplexed(string name, SyscallOutcome outcome, uint subCall)
    {
        var isSubCall = new SeccompCondition(0, "SCMP_CMP_EQ", subCall, 0);
        foreach (ConditionalRule rule in outcome.Conditional)
        {
            Add(name, rule.Result, [isSubCall, .. rule.Conditions.Where(static condition => condition.Index != 0)]);
        }

        if (outcome.Unconditional is { } result)
        {
            Add(name, result, [isSubCall]);
        }
    }

    public SeccompAnswer Evaluate(ReadOnlySpan<ulong> arguments, SeccompResult fallback)
    {
        if (_always is not null)
        {
            return new SeccompAnswer([_always]);
        }

        if (IsConfused)
        {
            return new SeccompAnswer(_conditional).Or(fallback);
        }

        List<SeccompDecider>? holding = null;
        foreach (SeccompDecider rule in _conditional)
        {
            if (rule.Holds(arguments, bits))
            {
                (holding ??= []).Add(rule);
            }
        }

        return holding is null ? new SeccompAnswer(SeccompOrigin.Default, fallback) : new SeccompAnswer(holding);
    }

    private void Add(string name, SeccompResult result, SeccompCondition[] conditions)
    {
        if (_always is not null)
        {
            return;
        }

        SeccompCondition[] compared = [.. conditions.Where(condition => !condition.AlwaysHolds(bits)).Select(condition => condition.In(bits))];
        var decider = new SeccompDecider(name, result, compared);
        if (compared.Length > 0)
        {
            _conditional.Add(decider);
            return;
        }

        _always = decider;
        _conditional.Clear();
    }
}
