using System.CommandLine;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Cli.Commands.Seccomp;

/// <summary><c>hardenctl seccomp merge</c> and <c>meet</c>: one profile of several, and the proof that it is what it should be.</summary>
internal static class SeccompCombineCommand
{
    private static readonly string[] s_ofRules = ["defaultAction", "defaultErrnoRet", "architectures", "syscalls"];

    public static Command CreateMerge() => Create("merge",
        "Make a profile that allows at least what any of several profiles allows (at least their union; a warning names each call of which it allows more): to join recordings. "
        + "Exit codes: 0 proven, 1 made with a warning or not proven, 2 not made",
        Unite, static (made, part) => SeccompOrder.IsTighter(part, made), "allows everything that", ["hardenctl seccomp merge recorded-monday.json recorded-friday.json > app.json"]);

    public static Command CreateMeet() => Create("meet",
        "Make the profile that allows only what all of several profiles allow, as the hook does between an engine's profile and a policy's. Where a profile cannot say that, it is tighter, and a note names the call. Exit codes: 0 proven, 1 not proven, or without a call that runtimes need, 2 not made",
        Meet, static (made, part) => SeccompOrder.IsTighter(made, part), "allows nothing but what", ["hardenctl seccomp meet restricted.json web.json > both.json", "hardenctl seccomp resolve runtime-default.json --cap default | hardenctl seccomp meet - web.json > both.json"]);

    private static Command Create(
        string name, string description, Func<SeccompProfile[], List<Remark>, SeccompProfile> combine, Func<SeccompProfile, SeccompProfile, Tightness> proof, string claim, string[] examples)
    {
        Argument<string[]> profiles = new("PROFILE") { Description = SeccompCommands.ProfileHelp + ". Members beside the rules are the first one's, without its remarks", Arity = new ArgumentArity(1, 64) };
        profiles.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1)
            {
                result.AddError($"'{name}' makes one profile of several: expected at least two profiles, got 1.");
            }
        });
        Command command = new ExampleCommand(name, description, examples) { profiles };
        command.Run(parsed => Run(parsed, parsed.GetValue(profiles)!, combine, proof, claim));
        return command;
    }

    private static CliExit Run(
        ParseResult parsed, string[] paths, Func<SeccompProfile[], List<Remark>, SeccompProfile> combine, Func<SeccompProfile, SeccompProfile, Tightness> proof, string claim)
    {
        if (paths.Count(static p => p == ProfileDocument.StandardInput) > 1)
        {
            throw new CliException("The standard input can be one of the profiles only.");
        }

        ProfileDocument[] documents = [.. paths.Select(path => SeccompCommands.Read(parsed, path))];
        SeccompProfile[] parts = [.. documents.Select(static document => document.ToProfile())];
        List<Remark> remarks = [];
        SeccompProfile made = combine(parts, remarks);
        bool isProven = true;
        for (int i = 0; i < parts.Length; i++)
        {
            Tightness answer = proof(made, parts[i]);
            isProven &= answer.Answer == TightnessAnswer.Yes;
            if (answer.Answer == TightnessAnswer.No)
            {
                throw new CliException($"What was made of them is wrong, which must not happen: {answer.Witness} (against '{paths[i]}'). Please report it with the profiles. Nothing was written.");
            }

            Printer.Say(parsed).WriteLine(answer.Answer == TightnessAnswer.Yes
                ? $"Proven: it {claim} '{paths[i]}' allows."
                : $"Not proven that it {claim} '{paths[i]}' allows: {answer.Reason}");
        }

        foreach (Remark remark in remarks)
        {
            Printer.Say(parsed).WriteLine($"{(remark.IsWarning ? "warning" : "note")}: {remark.Text}");
        }

        LintReport report = new();
        ProfileDocument? document = ProfileDocument.Parse("the made profile", SeccompWriter.Write(made), ProfileDialect.Oci, report);
        SeccompCommands.Refuse(parsed, "the made profile", report);
        SeccompCommands.Write(parsed, OfFirst(document!.Json, documents[0].Json));
        return isProven && !remarks.Exists(static r => r.IsWarning) ? CliExit.Fine : CliExit.Findings;
    }

    private static SeccompProfile Unite(SeccompProfile[] parts, List<Remark> remarks)
    {
        SortedDictionary<string, string> widened = new(StringComparer.Ordinal);
        SeccompProfile made = parts.Skip(1).Aggregate(parts[0], (union, part) => SeccompUnion.Of(union, part, widened));
        // What a part itself allows with every argument was not made wider.
        remarks.AddRange(widened.Where(w => !Array.Exists(parts, part => part[w.Key].Unconditional is { } always && always == made[w.Key].Unconditional))
            .Select(static w => new Remark($"{w.Key}: {w.Value} [widened]", true)));
        return made;
    }

    private static SeccompProfile Meet(SeccompProfile[] parts, List<Remark> remarks)
    {
        SortedDictionary<string, MeetLoss> losses = new(StringComparer.Ordinal);
        SeccompProfile made = parts[0];
        foreach (SeccompProfile part in parts.Skip(1))
        {
            SeccompProfile before = made;
            made = SeccompMeet.Of(before, part);
            foreach (MeetLoss loss in MeetLosses.Of(before, part, made))
            {
                losses[loss.Name] = loss;
            }
        }

        string all = parts.Length == 2 ? "both parts" : "the parts";
        foreach (MeetLoss loss in losses.Values)
        {
            bool stops = loss is { IsDenied: true, IsOfFloor: true };
            remarks.Add(new Remark(
                $"{loss.Name}: the meet allows it with {(loss.IsDenied ? "no argument at all, though" : "fewer arguments than")} {all} {(loss.IsDenied ? "allow it with some" : "have in common")}"
                + $"{(stops ? ", and runtimes call it themselves" : "")} [narrowed]", stops));
        }

        return made;
    }

    // The head of a profile tells about that one, and not about what was made with it; and a listener of the second one is nobody's wish for the first.
    private static JObject OfFirst(JObject made, JObject first)
    {
        JObject written = (JObject)made.DeepClone();
        foreach (JProperty member in (JProperty[])[.. written.Properties()])
        {
            if (member.Name == SeccompProfile.Header || (!s_ofRules.Contains(member.Name) && !first.ContainsKey(member.Name)))
            {
                member.Remove();
            }
        }

        return written;
    }

    /// <summary>What was made otherwise than the parts say.</summary>
    private readonly record struct Remark(string Text, bool IsWarning);
}
