using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>Bounds pids, memory and CPU time at create. <see cref="ResourceHardening"/> has the comparison, which an update shares.</summary>
internal sealed class ResourcesRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        if (Tightest(context.Policies) is not { } limits)
        {
            return;
        }

        if (!context.Spec.Has(SpecPath.Linux))
        {
            decision.Fail(RuleId.Resources, context.Policies.Where(Asks).Select(static policy => policy.Name),
                "the spec has no linux section, so nothing can be bounded");
            return;
        }

        ResourceHardening.AtCreate(context.Spec, limits, context.Names(Asks), decision.Edits);
    }

    /// <summary>What all policies bound together; null when none does.</summary>
    public static ResourceBounds? Tightest(IEnumerable<Policy> policies)
    {
        ResourceBounds? tightest = null;
        foreach (Policy policy in policies.Where(Asks))
        {
            tightest = tightest?.Min(policy.Resources!) ?? policy.Resources;
        }

        return tightest;
    }

    private static bool Asks(Policy policy) => policy.Resources is { IsEmpty: false };
}
