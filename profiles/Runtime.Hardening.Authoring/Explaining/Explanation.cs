using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Explaining;

/// <summary>What the hook would do with a container, and why. The decision is the engine's own: nothing here decides anything.</summary>
/// <param name="Facts">What policies could match on.</param>
/// <param name="Matches">Each policy of the set, in the order of their names.</param>
/// <param name="Decision">What comes out.</param>
/// <param name="Changes">The edits, with where each came from.</param>
public sealed record Explanation(ContainerFacts Facts, IReadOnlyList<MatchExplanation> Matches, PolicyDecision Decision, IReadOnlyList<ChangeExplanation> Changes)
{
    /// <summary>Asks the engine.</summary>
    /// <param name="spec">A config.json.</param>
    /// <param name="facts">What to match on.</param>
    /// <param name="set">The policies.</param>
    /// <param name="host">The host; AppArmor is looked up there.</param>
    /// <exception cref="SpecFormatException">The spec is not what the OCI specification says, so the hook would refuse it too.</exception>
    public static Explanation Of(ContainerSpec spec, ContainerFacts facts, CompiledSet set, HostFacts host)
    {
        PolicyDecision decision = PolicyEngine.Decide(spec, facts, host, set.Policies, set);
        return new Explanation(
            facts,
            [.. set.Policies.Select(p => Match(p, facts))],
            decision,
            [.. decision.Edits.Edits.Select(e => new ChangeExplanation(e, [.. e.Policies.Split(", ").SelectMany(p => set.PlacesOf(p, e.Owner))]))]);
    }

    private static MatchExplanation Match(Policy policy, ContainerFacts facts)
    {
        if (policy.Mode == PolicyMode.Off)
        {
            return new MatchExplanation(policy.Name, false, ["its mode is off"]);
        }

        return PolicyMatcher.IsMatch(policy, facts)
            ? new MatchExplanation(policy.Name, true, policy.Mode == PolicyMode.Audit ? ["its mode is audit: it only reports"] : [])
            : new MatchExplanation(policy.Name, false, [.. policy.Match.Select(c => PolicyMatcher.Mismatch(c, facts)).OfType<string>()]);
    }
}

/// <summary>Whether a policy is about the container.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="IsMatch">Whether it is.</param>
/// <param name="Reasons">Why not, one sentence for each entry of its match; for a match, what is special about it.</param>
public sealed record MatchExplanation(string Policy, bool IsMatch, IReadOnlyList<string> Reasons);

/// <summary>An edit, and where the values that asked for it were written.</summary>
/// <param name="Edit">The edit as the hook would apply it.</param>
/// <param name="Places"><c>file:line:column</c>; empty when the policies come from a generation.</param>
public sealed record ChangeExplanation(SpecEdit Edit, IReadOnlyList<string> Places);
