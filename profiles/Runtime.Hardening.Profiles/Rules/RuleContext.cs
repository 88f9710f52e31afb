using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>What every rule may look at. Rules combine what all policies ask (the tightest wins), so their order never matters.</summary>
/// <param name="Spec">The engine's spec, read-only.</param>
/// <param name="Host">The host.</param>
/// <param name="Policies">The policies that match, in the order of their names.</param>
/// <param name="Profiles">Their seccomp profiles.</param>
internal sealed record RuleContext(ContainerSpec Spec, HostFacts Host, Policy[] Policies, IProfileSource Profiles)
{
    /// <summary>The bundle's folder; empty where it is not known.</summary>
    public string Bundle { get; init; } = "";

    /// <summary>The names of the policies that ask for something, comma-separated, for the reader of a journal.</summary>
    public string Names(Func<Policy, bool> asks) => string.Join(", ", Policies.Where(asks).Select(static policy => policy.Name));
}

/// <summary>One rule, one file, one question. A rule reads the spec and says what it wants; it never writes.</summary>
internal interface IHardeningRule
{
    /// <summary>Adds edits and findings.</summary>
    void Evaluate(RuleContext context, Decisions.PolicyDecision.Builder decision);
}
