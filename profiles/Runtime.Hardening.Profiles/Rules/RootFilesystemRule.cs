using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>Makes root.readonly true.</summary>
internal sealed class RootFilesystemRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        string policies = context.Names(static policy => policy.ReadOnlyRootFilesystem);
        if (policies.Length == 0 || context.Spec.Flag(SpecPath.RootReadonly))
        {
            return;
        }

        if (!context.Spec.Has(SpecPath.Root))
        {
            decision.Fail(
                RuleId.RootFilesystem, context.Policies.Where(static policy => policy.ReadOnlyRootFilesystem).Select(static policy => policy.Name),
                "the spec has no root, so it cannot be made read-only");
            return;
        }

        decision.Edits.Add(new SpecEdit(
            SpecPath.RootReadonly, "true"u8.ToArray(), RuleId.RootFilesystem, policies,
            context.Spec.Has(SpecPath.RootReadonly) ? "false" : "absent", "true"));
    }
}
