using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>
/// Decides what becomes of a container: the meet of all policies that match it. The hook and hardenctl share this code, so an explanation is never a guess.
/// </summary>
public static class PolicyEngine
{
    /// <summary>Decides.</summary>
    /// <param name="spec">The engine's spec.</param>
    /// <param name="facts">What policies match on.</param>
    /// <param name="host">The host.</param>
    /// <param name="policies">All policies of the generation, in any order.</param>
    /// <param name="profiles">Their seccomp profiles.</param>
    public static PolicyDecision Decide(ContainerSpec spec, ContainerFacts facts, HostFacts host, IReadOnlyList<Policy> policies, IProfileSource profiles)
    {
        Policy[] matching = [.. policies.Where(policy => policy.Mode != PolicyMode.Off && PolicyMatcher.IsMatch(policy, facts))];
        if (matching.Length == 0)
        {
            return new PolicyDecision { Outcome = DecisionOutcome.Unmatched };
        }

        Array.Sort(matching, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        List<Finding> audited = Audit(new RuleContext(spec, host, Having(matching, PolicyMode.Audit), profiles) { Bundle = facts.Bundle });
        return Enforce(new RuleContext(spec, host, Having(matching, PolicyMode.Enforce), profiles) { Bundle = facts.Bundle }, audited);
    }

    private static PolicyDecision Enforce(RuleContext context, List<Finding> findings)
    {
        string[] names = [.. context.Policies.Select(static policy => policy.Name)];
        while (true)
        {
            PolicyDecision.Builder builder = Evaluate(context);
            if (builder.Failed.Count == 0)
            {
                findings.AddRange(builder.Findings);
                return Conclude(builder.Edits, findings, names, context.Policies);
            }

            // Only what failed is kept of this round: the others are asked again without the policies that are given up.
            findings.AddRange(builder.Findings.Where(static finding => finding.Outcome == FindingOutcome.Error));
            if (Array.Exists(context.Policies, policy => policy.OnError == OnError.Refuse && builder.Failed.Contains(policy.Name)))
            {
                return Refusal(findings, names, FindingOutcome.Error);
            }

            context = context with { Policies = [.. context.Policies.Where(policy => !builder.Failed.Contains(policy.Name))] };
        }
    }

    private static PolicyDecision Conclude(EditList edits, List<Finding> findings, string[] names, Policy[] applied)
    {
        if (findings.Exists(static finding => finding.Outcome == FindingOutcome.Refuse))
        {
            return Refusal(findings, names, FindingOutcome.Refuse);
        }

        if (applied.Length == 0 && names.Length > 0)
        {
            return new PolicyDecision
            {
                Outcome = DecisionOutcome.PassThrough,
                Findings = findings,
                Policies = names,
                Message = "started as the engine described it, because " + Sentence(findings, FindingOutcome.Error),
            };
        }

        return new PolicyDecision
        {
            Outcome = DecisionOutcome.Allow,
            Edits = edits,
            Findings = findings,
            Policies = [.. applied.Select(static policy => policy.Name)],
            Resources = ResourcesRule.Tightest(applied),
        };
    }

    private static PolicyDecision Refusal(List<Finding> findings, string[] names, FindingOutcome because) => new()
    {
        Outcome = DecisionOutcome.Refuse,
        Findings = findings,
        Policies = names,
        Message = Sentence(findings, because),
    };

    private static string Sentence(List<Finding> findings, FindingOutcome outcome)
        => string.Join("; ", findings.Where(finding => finding.Outcome == outcome)
            .Select(static finding => $"policy '{finding.Policies}', {finding.Rule.Text()}: {finding.Message}"));

    // Audit changes nothing and refuses nothing: whatever would have happened becomes a finding.
    private static List<Finding> Audit(RuleContext context)
    {
        if (context.Policies.Length == 0)
        {
            return [];
        }

        PolicyDecision.Builder builder = Evaluate(context);
        return
        [
            .. builder.Findings.Select(static finding => finding with
            {
                Outcome = FindingOutcome.Audit,
                Message = finding.Outcome == FindingOutcome.Refuse ? $"would refuse: {finding.Message}" : finding.Message,
            }),
            .. builder.Edits.Edits.Select(static edit => new Finding(
                edit.Owner, edit.Policies, FindingOutcome.Audit, $"would set {edit.Path.Text()} from {edit.Before} to {edit.After}")),
        ];
    }

    private static PolicyDecision.Builder Evaluate(RuleContext context)
    {
        var builder = new PolicyDecision.Builder();
        foreach ((RuleId id, IHardeningRule rule) in RuleList.All)
        {
            try
            {
                rule.Evaluate(context, builder);
            }
            catch (SpecFormatException e)
            {
                // No policy can be applied to a spec that its rule cannot read; what follows is each policy's onError, and nothing under audit.
                builder.Fail(id, context.Policies.Select(static policy => policy.Name), e.Message);
            }
        }

        return builder;
    }

    private static Policy[] Having(Policy[] policies, PolicyMode mode) => [.. policies.Where(policy => policy.Mode == mode)];
}
