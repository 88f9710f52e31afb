using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>Sets process.noNewPrivileges.</summary>
internal sealed class NoNewPrivilegesRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        // runtime-spec, process.noNewPrivileges: optional, and only 'true' protects, so an absent field needs the edit as much as 'false' does.
        string policies = context.Names(static policy => policy.NoNewPrivileges);
        if (policies.Length == 0 || !context.Spec.Has(SpecPath.Process) || context.Spec.Flag(SpecPath.NoNewPrivileges))
        {
            return;
        }

        decision.Edits.Add(new SpecEdit(
            SpecPath.NoNewPrivileges, "true"u8.ToArray(), RuleId.NoNewPrivileges, policies,
            context.Spec.Has(SpecPath.NoNewPrivileges) ? "false" : "absent", "true"));
    }
}
