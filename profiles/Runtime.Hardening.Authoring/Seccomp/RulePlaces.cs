using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Checks;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>Finds where in a file a rule stands that a model named.</summary>
public static class RulePlaces
{
    /// <summary>The place of the call's name in the rule.</summary>
    public static SourceLocation Of(ProfileDocument document, SeccompDecider rule, ReadOnlySpan<ulong> arguments)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(rule);
        (PlacedName At, ProfileRule Rule)[] named =
            [.. document.Rules.Where(r => r.Result == rule.Result).SelectMany(static r => r.Names.Select(n => (n, r))).Where(r => r.n.Name == rule.Name)];
        foreach ((PlacedName at, ProfileRule written) in named)
        {
            if (written.Conditions.Count == rule.Conditions.Length && written.Conditions.All(rule.Conditions.Contains))
            {
                return at.Location;
            }
        }

        // libseccomp changed the conditions, or made several rules of one entry.
        foreach ((PlacedName at, ProfileRule written) in named)
        {
            if (Holds(written, arguments))
            {
                return at.Location;
            }
        }

        return named.Select(static r => r.At.Location).FirstOrDefault(DefaultOf(document));
    }

    /// <summary>The place of the default action.</summary>
    public static SourceLocation DefaultOf(ProfileDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document.Json["defaultAction"]?.Place() ?? document.Json.Place();
    }

    private static bool Holds(ProfileRule rule, ReadOnlySpan<ulong> arguments)
    {
        bool any = rule.Conditions.Count == 0;
        foreach (SeccompCondition condition in rule.Conditions)
        {
            any |= ConditionLogic.Holds(condition, arguments[(int)condition.Index]);
        }

        return any;
    }
}
