using System.CommandLine;
using Runtime.Hardening.Authoring.AppArmor.Kernel;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Cli.Commands;

/// <summary>AppArmor's row of <c>hardenctl node status</c>; <c>hardenctl apparmor status</c> has a row a profile.</summary>
internal static class AppArmorStatusItem
{
    private const string Name = "apparmor";
    private const int MostShown = 3;

    public static StatusItem Of(ParseResult parsed, NodeFiles node)
    {
        AppArmorHost host = AppArmorHost.Here;
        if (!host.IsOn)
        {
            return SwitchedOff(node);
        }

        LintReport report = new();
        IReadOnlyList<ProfileStatus> profiles;
        try
        {
            profiles = AppArmorCommands.Status(parsed, node, host, AppArmorNeeds.Find(node.Store, node.Settings.StateDirectory), report);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new StatusItem(Name, "on", $"What the kernel has loaded cannot be told: {e.Message}");
        }

        int loaded = profiles.Count(profile => profile.Mode is not null);
        ProfileStatus[] missing = [.. profiles.Where(profile => profile is { Mode: null, Problem: not null })], drifted = [.. profiles.Where(profile => profile is { Mode: not null, Problem: not null })];
        string[] problems =
        [
            .. drifted.Concat(missing).Take(MostShown).Select(profile => $"{profile.Name}: {profile.Problem}"),
            .. drifted.Length + missing.Length > MostShown ? [$"{drifted.Length + missing.Length - MostShown} more in 'hardenctl apparmor status'"] : Array.Empty<string>(),
            .. report.HasErrors ? ["a description has errors, see 'hardenctl apparmor status'"] : Array.Empty<string>(),
        ];
        return new StatusItem(Name, $"on: {loaded} loaded, {drifted.Length} drifted, {missing.Length} missing", problems.Length > 0 ? string.Join("; ", problems) : null);
    }

    // Nothing to mend where the policies only want it reported: a kernel without AppArmor is a choice too.
    private static StatusItem SwitchedOff(NodeFiles node)
    {
        Policy[] asking = [];
        try
        {
            asking = [.. (node.Store.CurrentGeneration()?.Read().Policies ?? []).Where(policy => policy.AppArmor is not null && policy.Mode != PolicyMode.Off)];
        }
        catch (HardeningFormatException)
        {
            // The row of the generation says so.
        }

        Policy[] insisting = [.. asking.Where(AppArmorPreparation.Insists)];
        return new StatusItem(Name, asking.Length > 0 ? $"switched off in this kernel; asked for by {Names(asking)}" : "switched off in this kernel",
            insisting.Length > 0 ? $"Every container of {Names(insisting)} is refused here. Boot with AppArmor (apparmor=1 on the kernel's command line), or say 'otherwise: report' in the policy." : null);
    }

    private static string Names(Policy[] policies) => string.Join(' ', policies.Select(policy => policy.Name));
}
