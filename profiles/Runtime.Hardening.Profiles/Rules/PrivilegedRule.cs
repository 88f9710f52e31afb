using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary><c>require.privileged</c>: the container does not look privileged.</summary>
internal sealed class PrivilegedRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        foreach (Policy policy in context.Policies)
        {
            if (policy.RequirePrivileged is { } privileged && FactsReader.IsPrivileged(context.Spec))
            {
                Requirement.Violated(decision, RuleId.RequirePrivileged, policy, privileged.Otherwise,
                    "the container is privileged (CAP_SYS_ADMIN with no masked paths or with every device); run it without --privileged, or leave it out of the policy's match");
            }
        }
    }
}
