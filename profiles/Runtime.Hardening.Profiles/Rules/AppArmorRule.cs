using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>
/// Sets process.apparmorProfile. AppArmor has no meet: a known engine default is replaced by ours, which keeps all its denials; any other profile is kept,
/// or stacked where the policy says so. A profile the kernel does not have would make runc fail late and obscurely, so it is looked up first.
/// </summary>
internal sealed class AppArmorRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        Policy[] asking = [.. context.Policies.Where(static policy => policy.AppArmor is not null)];
        if (asking.Length == 0 || !context.Spec.Has(SpecPath.Process))
        {
            return;
        }

        string[] profiles = [.. asking.Select(static policy => policy.AppArmor!.Profile).Distinct()];
        if (profiles.Length > 1)
        {
            decision.Fail(RuleId.AppArmor, asking.Select(static policy => policy.Name),
                $"the policies want different AppArmor profiles ({string.Join(", ", profiles)}), and a process can be confined by one; make them agree");
            return;
        }

        string profile = profiles[0];
        string? missing = Missing(context.Host, profile);
        if (missing is null)
        {
            Confine(context, decision, asking, profile);
            return;
        }

        foreach (Policy policy in asking)
        {
            switch (policy.AppArmor!.Otherwise)
            {
                case Otherwise.Report:
                    decision.Find(RuleId.AppArmor, policy.Name, FindingOutcome.Report, $"{missing}, so '{profile}' does not confine the container");
                    break;
                case Otherwise.Refuse:
                    decision.Find(RuleId.AppArmor, policy.Name, FindingOutcome.Refuse, $"{missing}, and the policy requires '{profile}'");
                    break;
                default:
                    decision.Fail(RuleId.AppArmor, [policy.Name], $"{missing}, and the policy asks for '{profile}'");
                    break;
            }
        }
    }

    // A profile that only logs is as good as none, and worse than the engine's default in whose place it would be put.
    private static string? Missing(HostFacts host, string profile)
    {
        if (!host.HasAppArmor)
        {
            return "this host's kernel has AppArmor switched off";
        }

        return host.ModeOf(profile) switch
        {
            null => $"AppArmor profile '{profile}' is not loaded on this host ({(AppArmorName.IsVersion(profile)
                ? "hardenctl apparmor load loads it"
                : $"apparmor_parser -r FILE loads it, FILE being what defines it: /etc/apparmor.d/{profile}, normally")})",
            string mode when !HostFacts.IsEnforcing(mode) => $"AppArmor profile '{profile}' is loaded in {mode} mode, which denies nothing ({(AppArmorName.IsVersion(profile)
                ? "hardenctl apparmor load mends it"
                : "aa-enforce, or apparmor_parser -r FILE without that flag in FILE, mends it")})",
            _ => null,
        };
    }

    private static void Confine(RuleContext context, PolicyDecision.Builder decision, Policy[] asking, string profile)
    {
        string given = context.Spec.Text(SpecPath.AppArmorProfile) ?? "";
        string policies = string.Join(", ", asking.Select(static policy => policy.Name));
        if (given == profile || given.Split("//&").Contains(profile))
        {
            return;
        }

        string result = profile;
        if (given is not ("" or "unconfined") && !IsEngineDefault(given))
        {
            if (!Array.Exists(asking, static policy => policy.AppArmor!.Combine == AppArmorCombine.Stack))
            {
                decision.Find(RuleId.AppArmor, policies, FindingOutcome.Report,
                    $"the engine gave its own profile '{given}', which is kept; say 'combine: stack' to add '{profile}' to it");
                return;
            }

            result = $"{given}//&{profile}";
        }

        decision.Edits.Add(new SpecEdit(
            SpecPath.AppArmorProfile, JsonText.Quoted(result), RuleId.AppArmor, policies,
            given.Length == 0 ? "absent" : given, result));
    }

    private static bool IsEngineDefault(string profile)
        => profile is "cri-containerd.apparmor.d" or "docker-default"
            || profile.StartsWith("containers-default-", StringComparison.Ordinal)
            || profile.StartsWith("crio-default", StringComparison.Ordinal);
}
