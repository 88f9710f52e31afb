using System.CommandLine;
using System.Text.Json;
using Runtime.Hardening.Authoring.AppArmor.Kernel;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl apparmor status</c>: what the kernel has of our profiles, and who is under them.</summary>
internal static class AppArmorStatusCommand
{
    public static Command Create()
    {
        Command status = new ExampleCommand("status",
            "Show every version of our AppArmor profiles: whether the kernel has it and in which mode, who uses it, and where kernel and files differ. "
            + "Exit codes: 0 all is well, 1 something needs attention, or the kernel has AppArmor switched off",
            "hardenctl apparmor status", "hardenctl apparmor status -o json")
        {
            CommonOptions.Profiles,
        };
        status.Run(Run);
        return status;
    }

    private static CliExit Run(ParseResult parsed)
    {
        NodeFiles node = NodeFiles.Load(parsed);
        AppArmorHost host = AppArmorHost.Here;
        TextWriter say = Printer.Say(parsed);
        LintReport report = new();
        IReadOnlyList<ProfileStatus> profiles = [];
        AppArmorNeeds needs = AppArmorNeeds.Find(node.Store, node.Settings.StateDirectory);
        if (host.IsOn)
        {
            profiles = AppArmorCommands.Status(parsed, node, host, needs, report);
            Printer.Findings(say, report);
            if (needs.Containers is null)
            {
                say.WriteLine($"Which containers use a profile is not known: the records in {node.Settings.StateDirectory} could not all be read.");
            }
        }
        else
        {
            say.WriteLine(AppArmorHost.SwitchedOff);
        }

        foreach (string sentence in needs.Unreadable)
        {
            say.WriteLine(sentence);
        }

        if (CommonOptions.WantsJson(parsed))
        {
            Printer.Json(Printer.Out(parsed), json => WriteJson(json, host, profiles));
        }
        else if (host.IsOn)
        {
            Printer.Table(Printer.Out(parsed), ["profile", "mode", "text", "processes", "containers", "generations", "problem"], profiles.Select(Row));
        }

        return host.IsOn && !report.HasErrors && needs.Unreadable.Count == 0 && !profiles.Any(profile => profile.Problem is not null) ? CliExit.Fine : CliExit.Findings;
    }

    private static string[] Row(ProfileStatus profile) =>
    [
        profile.Name,
        profile.Mode ?? "not loaded",
        profile.DescribedIn ?? "older",
        $"{profile.Processes.Count}",
        Some(profile.Containers),
        Some(profile.Generations),
        profile.Problem ?? "",
    ];

    private static string Some(IReadOnlyList<string> names) => names.Count <= 3 ? string.Join(' ', names) : $"{string.Join(' ', names.Take(3))} and {names.Count - 3} more";

    private static void WriteJson(Utf8JsonWriter json, AppArmorHost host, IReadOnlyList<ProfileStatus> profiles)
    {
        json.WriteStartObject();
        json.WriteBoolean("enabled", host.IsOn);
        json.WriteString("parser", host.Parser);
        json.WriteStartArray("profiles");
        foreach (ProfileStatus profile in profiles)
        {
            json.WriteStartObject();
            json.WriteString("name", profile.Name);
            json.WriteString("mode", profile.Mode);
            json.WriteString("kernelDigest", profile.Digest);
            json.WriteString("describedIn", profile.DescribedIn);
            json.WriteStartArray("processes");
            foreach (int process in profile.Processes)
            {
                json.WriteNumberValue(process);
            }

            json.WriteEndArray();
            Printer.Strings(json, "containers", profile.Containers);
            Printer.Strings(json, "generations", profile.Generations);
            json.WriteString("problem", profile.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
