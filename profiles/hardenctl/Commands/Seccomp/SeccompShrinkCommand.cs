using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Authoring.Seccomp.Recording;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Cli.Commands.Seccomp;

/// <summary><c>hardenctl seccomp shrink</c>: what a profile allows, what a recording used, and what can go.</summary>
internal static class SeccompShrinkCommand
{
    private static readonly Argument<string> s_profile = SeccompCommands.ProfileArgument();

    private static readonly Option<string> s_recording = new("--recording")
    {
        Description = "What the program was seen to do: a recording in JSON or JSON lines, a list of names, an OCI profile that was made of a recording, or what strace printed (-f, -c)",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string[]> s_keep = new("--keep") { Description = "A call to keep although it was not recorded; may be repeated", HelpName = "NAME", AllowMultipleArgumentsPerToken = false, DefaultValueFactory = _ => [] };

    public static Command Create()
    {
        Command shrink = new ExampleCommand("shrink",
            "Cut a profile to what a recording used, and to what runtimes need themselves. The smaller profile goes to stdout, the table to stderr, the riskiest first; with -o json both go to stdout. Exit codes: 0 made, 1 made, and the recording or --keep has calls that the profile refuses",
            "hardenctl seccomp shrink web.json --recording monday.jsonl --keep sendfile --keep splice > smaller.json",
            "strace -f -o app.strace ./app; hardenctl seccomp shrink web.json --recording app.strace > app.json", "hardenctl seccomp shrink web.json --recording monday.jsonl -o json")
        {
            s_profile, s_recording, s_keep,
        };
        shrink.Run(Run);
        return shrink;
    }

    private static CliExit Run(ParseResult parsed)
    {
        string path = parsed.GetValue(s_profile)!, recordingPath = parsed.GetValue(s_recording)!;
        foreach (string name in parsed.GetValue(s_keep)!.Where(static n => !SyscallTable.Names.Contains(n)))
        {
            throw new CliException($"--keep '{name}': no architecture has such a system call.{DidYouMean.Sentence(name, SyscallTable.Names)}");
        }

        ProfileDocument profile = SeccompCommands.Read(parsed, path);
        if (profile.Default.Action <= SeccompAction.Log)
        {
            throw new CliException($"'{path}' allows by default ({profile.Default}), so there is nothing to take out of it. Begin with a profile whose default denies, such as runtime-default.");
        }

        LintReport report = new();
        SyscallRecording? recording = SyscallRecording.Load(recordingPath, report);
        SeccompCommands.Refuse(parsed, recordingPath, report);
        ProfileShrinker shrunk = ProfileShrinker.Of(profile, recording!, parsed.GetValue(s_keep)!);
        string[] inVain = [.. parsed.GetValue(s_keep)!.Distinct().Where(name => !shrunk.Calls.Any(c => c.Name == name && c.State != ShrinkState.Refused))];
        foreach (string name in inVain)
        {
            Printer.Say(parsed).WriteLine($"warning: --keep {name}: the profile refuses it, so there is nothing to keep. Allow it in '{path}' first. [keep-refused]");
        }

        if (CommonOptions.WantsJson(parsed))
        {
            Printer.Json(Printer.Out(parsed), json => WriteJson(json, shrunk));
        }
        else
        {
            SeccompCommands.Write(parsed, shrunk.Profile);
            Printer.Table(Printer.Say(parsed), ["syscall", "state", "seen", "risk", "why"], shrunk.Calls.Where(static c => c.State < ShrinkState.Used).Select(Row));
        }

        int Count(ShrinkState state) => shrunk.Calls.Count(c => c.State == state);
        int used = Count(ShrinkState.Used), kept = Count(ShrinkState.Kept), removed = Count(ShrinkState.Removed), refused = Count(ShrinkState.Refused);
        Printer.Say(parsed).WriteLine(
            $"Allowed {used + kept + removed}, used {used}, removed {removed}, kept for runtimes and by --keep {kept}{(refused == 0 ? "" : $"; recorded although the profile refuses them: {refused}")}.");
        return refused + inVain.Length > 0 ? CliExit.Findings : CliExit.Fine;
    }

    private static string[] Row(ShrunkCall call)
        => [call.Name, State(call.State), call.Count.ToString(CultureInfo.InvariantCulture), call.Risk.Level == 0 ? "" : new string('!', call.Risk.Level), call.Risk.Why];

    private static string State(ShrinkState state) => state switch { ShrinkState.Removed => "removed", ShrinkState.Refused => "refused", ShrinkState.Used => "used", _ => "kept" };

    private static void WriteJson(Utf8JsonWriter json, ProfileShrinker shrunk)
    {
        json.WriteStartObject();
        json.WriteStartArray("syscalls");
        foreach (ShrunkCall call in shrunk.Calls)
        {
            json.WriteStartObject();
            json.WriteString("name", call.Name);
            json.WriteString("state", State(call.State));
            json.WriteNumber("seen", call.Count);
            json.WriteNumber("risk", call.Risk.Level);
            if (call.Risk.Level > 0)
            {
                json.WriteString("why", call.Risk.Why);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("profile");
        json.WriteRawValue(ProfileConverter.ToText(shrunk.Profile));
        json.WriteEndObject();
    }
}
