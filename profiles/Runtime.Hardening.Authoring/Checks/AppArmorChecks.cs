using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Checks;

/// <summary>AppArmor has no meet: two policies must not want different profiles for one container.</summary>
internal static class AppArmorChecks
{
    private const string Unchecked =
        "It takes the place of an engine's default profile, and nobody compares the two: mounts, writes below /proc and /sys, and signals to strangers, which that one denies, are denied only if this one does it.";

    public static void Run(IReadOnlyList<ResolvedPolicy> policies, IReadOnlyDictionary<string, AppArmorSource> described, ProfileFolders folders, LintReport report)
    {
        ResolvedPolicy[] demanding = [.. policies.Where(p => p.Leaves.ContainsKey(PolicyFields.AppArmorProfile) && p.Value<string>(PolicyFields.Mode) != "off")];
        for (int i = 0; i < demanding.Length; i++)
        {
            CheckExists(demanding[i], described, folders, report);
            CheckStack(demanding[i], report);
            for (int j = i + 1; j < demanding.Length; j++)
            {
                CheckPair(demanding[i], demanding[j], report);
            }
        }
    }

    private static void CheckExists(ResolvedPolicy policy, IReadOnlyDictionary<string, AppArmorSource> described, ProfileFolders folders, LintReport report)
    {
        string profile = policy.Value<string>(PolicyFields.AppArmorProfile)!;
        SourceLocation place = policy.PlaceOf(PolicyFields.AppArmorProfile);
        if (profile == "unconfined")
        {
            report.Error("apparmor-unconfined", place, "'unconfined' is the absence of a profile, and a policy never loosens. Name a profile, or remove the field.");
        }
        else if (described.TryGetValue(profile, out AppArmorSource? source))
        {
            if (source.Weaker is { } what)
            {
                report.Error("weaker-apparmor-profile", place,
                    $"The profile '{profile}' ({source.Path}) allows {what}, which the engines' default profiles deny, and it would take their place; a policy never loosens. Name a profile that allows only what they allow.");
            }
        }
        else if (folders.FindAppArmor(profile) is { } text)
        {
            report.Warning("unchecked-apparmor-profile", place, $"The AppArmor profile '{profile}' is ready text ({text}), which others load. {Unchecked} Describe it in apparmor/{profile}.yaml: a description is checked, and every profile made of one keeps those denials.");
        }
        else if (folders.FindAppArmorDescription(profile) is null)
        {
            report.Warning("unknown-apparmor-profile", place,
                $"The AppArmor profile '{profile}' is not among those in {folders} (apparmor/{profile}.yaml, or apparmor/{profile} that others load): every node must load it in another way. {Unchecked}{DidYouMean.Sentence(profile, folders.NamesOf("apparmor"))}");
        }
    }

    private static void CheckPair(ResolvedPolicy a, ResolvedPolicy b, LintReport report)
    {
        string profileA = a.Value<string>(PolicyFields.AppArmorProfile)!;
        string profileB = b.Value<string>(PolicyFields.AppArmorProfile)!;
        if (profileA == profileB)
        {
            return;
        }

        string message = $"'{b.Document.Name}' wants the AppArmor profile '{profileB}', and '{a.Document.Name}' wants '{profileA}' ({a.PlaceOf(PolicyFields.AppArmorProfile)})";
        SourceLocation place = b.PlaceOf(PolicyFields.AppArmorProfile);
        switch (Overlap.Of(a.Value<MatchClause[]>(PolicyFields.Match) ?? [], b.Value<MatchClause[]>(PolicyFields.Match) ?? []))
        {
            case Overlaps.Yes:
                report.Error("apparmor-conflict", place, message + " for the same containers. One of them must win: make 'match' disjoint, or name the same profile.");
                break;
            case Overlaps.Perhaps:
                report.Warning("apparmor-conflict", place, message + ", and a container may match both. It would then be treated as 'onError' says.");
                break;
        }
    }

    // Both profiles of a stack see the other process under its whole label, and peer=NAME does not match that.
    private static void CheckStack(ResolvedPolicy policy, LintReport report)
    {
        if (policy.Leaves.ContainsKey(PolicyFields.AppArmorCombine) && policy.Value<string>(PolicyFields.AppArmorCombine) == "stack")
        {
            report.Warning("apparmor-stack", policy.PlaceOf(PolicyFields.AppArmorCombine),
                "Processes of a container with two stacked profiles can signal each other only if both allow it for the stacked label. "
                + "Ours do; the profile NAME that the engine gives needs 'signal (send, receive) peer=NAME//&*' and 'signal (send, receive) peer=*//&NAME', or 'signal'.");
        }
    }
}
