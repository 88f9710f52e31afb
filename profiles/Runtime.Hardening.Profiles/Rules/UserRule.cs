using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary><c>require.user</c>: the first process is not root. An absent uid is 0 (runtime-spec, process.user).</summary>
internal sealed class UserRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        foreach (Policy policy in context.Policies)
        {
            if (policy.RequireUser is { } user && context.Spec.Has(SpecPath.Process) && (context.Spec.Number(SpecPath.UserUid) ?? 0) == 0)
            {
                Requirement.Violated(decision, RuleId.RequireUser, policy, user.Otherwise,
                    "the container runs as root (uid 0); set a non-root user in the image or in the pod's securityContext.runAsUser");
            }
        }
    }
}
