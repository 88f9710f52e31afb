using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Checks;

/// <summary>Warns where something was written that can change nothing: it is usually a forgotten line.</summary>
internal static class EffectChecks
{
    private static readonly string[] s_notDemands = [PolicyFields.Match, PolicyFields.Mode, PolicyFields.OnError];

    private static readonly (string Written, string Needed)[] s_pairs =
    [
        (PolicyFields.AppArmorCombine, PolicyFields.AppArmorProfile),
        (PolicyFields.AppArmorOtherwise, PolicyFields.AppArmorProfile),
        (PolicyFields.HostNamespacesOtherwise, PolicyFields.HostNamespacesDeny),
        (PolicyFields.PrivilegedOtherwise, PolicyFields.PrivilegedDeny),
        (PolicyFields.MountsOtherwise, PolicyFields.MountsDenySources),
        (PolicyFields.UserOtherwise, PolicyFields.UserNonRoot),
    ];

    public static void Run(ResolvedPolicy policy, LintReport report)
    {
        foreach ((string written, string needed) in s_pairs)
        {
            if (policy.Leaves.TryGetValue(written, out PolicyLeaf? leaf) && !policy.Leaves.ContainsKey(needed))
            {
                report.Warning("no-effect", leaf.Location, $"'spec.{written}' has no effect without 'spec.{needed}'. Add that, or remove this.");
            }
        }

        if (!policy.Leaves.Keys.Any(p => !s_notDemands.Contains(p)))
        {
            report.Warning("no-effect", policy.Document.Location, $"The policy '{policy.Document.Name}' asks for nothing. Add a field, or extend a base.");
        }
    }
}
