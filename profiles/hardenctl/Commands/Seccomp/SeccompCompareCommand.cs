using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Cli.Commands.Seccomp;

/// <summary><c>hardenctl seccomp compare</c>: which of two profiles is the tighter one, with a call that shows it.</summary>
internal static class SeccompCompareCommand
{
    private const string FilterAlone = "none";

    private static readonly Argument<string> s_a = new("A") { Description = SeccompCommands.ProfileHelp };
    private static readonly Argument<string> s_b = new("B") { Description = "The profile that A is compared with" };
    private static readonly Option<string?> s_expect = CreateExpect();
    private static readonly Option<string> s_runtime = SeccompTarget.Runtime("Also count what this runtime adds to a filter; none: the filters alone", FilterAlone, FilterAlone, "runc", "runc-1.1", "crun");

    public static Command Create()
    {
        Command compare = new ExampleCommand("compare", "Decide whether profile A is equal to B, tighter, looser or neither, over every architecture, number and argument, and show a call for each difference. Exit codes: 0 equal (or as --expect says), 1 not, or not provable",
            "hardenctl seccomp compare web.json restricted.json", "hardenctl seccomp compare new.json old.json --expect tighter", "hardenctl seccomp compare a.json b.json --runtime crun -o json")
        {
            s_a, s_b, s_expect, s_runtime,
        };
        compare.Run(Run);
        return compare;
    }

    private static CliExit Run(ParseResult parsed)
    {
        string pathA = parsed.GetValue(s_a)!, pathB = parsed.GetValue(s_b)!;
        if (pathA == ProfileDocument.StandardInput && pathB == pathA)
        {
            throw new CliException("The standard input can be one of the profiles only.");
        }

        SeccompProfile a = SeccompCommands.Read(parsed, pathA).ToProfile(), b = SeccompCommands.Read(parsed, pathB).ToProfile();
        string runtime = parsed.GetValue(s_runtime)!;
        Tightness forth = Ask(a, b, runtime), back = Ask(b, a, runtime);
        string relation = (forth.Answer, back.Answer) switch
        {
            (TightnessAnswer.Yes, TightnessAnswer.Yes) => "equal",
            (TightnessAnswer.Yes, TightnessAnswer.No) => "tighter",
            (TightnessAnswer.No, TightnessAnswer.Yes) => "looser",
            (TightnessAnswer.No, TightnessAnswer.No) => "incomparable",
            _ => "cannot prove",
        };
        if (CommonOptions.WantsJson(parsed))
        {
            Printer.Json(Printer.Out(parsed), json => WriteJson(json, pathA, pathB, relation, forth, back));
        }
        else
        {
            Write(Printer.Out(parsed), pathA, pathB, relation, forth, back);
        }

        bool isFine = parsed.GetValue(s_expect) switch
        {
            "tighter" => forth.Answer == TightnessAnswer.Yes,
            "looser" => back.Answer == TightnessAnswer.Yes,
            _ => relation == "equal",
        };
        return isFine ? CliExit.Fine : CliExit.Findings;
    }

    private static Tightness Ask(SeccompProfile a, SeccompProfile b, string runtime)
        => runtime == FilterAlone ? SeccompOrder.IsTighter(a, b) : SeccompOrder.IsTighter(a, b, SeccompTarget.RuntimeOf(runtime));

    private static void Write(TextWriter output, string a, string b, string relation, Tightness forth, Tightness back)
    {
        (a, b) = (Printer.Visible(a), Printer.Visible(b));
        output.WriteLine(relation switch
        {
            "equal" => $"{a} and {b} do the same for every call.",
            "tighter" => $"{a} is tighter than {b}.",
            "looser" => $"{a} is looser than {b}.",
            "incomparable" => $"{a} and {b} are incomparable: each allows something that the other does not.",
            _ => $"Cannot prove how {a} and {b} compare.",
        });
        List<string[]> rows = [];
        if (forth.Witness is { } there)
        {
            rows.Add([Call(there), $"{there.Architecture}", $"{there.Left}", $"{there.Right}"]);
        }

        if (back.Witness is { } here)
        {
            rows.Add([Call(here), $"{here.Architecture}", $"{here.Right}", $"{here.Left}"]);
        }

        if (rows.Count > 0)
        {
            Printer.Table(output, ["for example", "on", a, b], rows);
        }

        foreach (string reason in ((string?[])[forth.Reason, back.Reason]).OfType<string>().Distinct())
        {
            output.WriteLine(reason);
        }
    }

    private static void WriteJson(Utf8JsonWriter json, string a, string b, string relation, Tightness forth, Tightness back)
    {
        json.WriteStartObject();
        json.WriteString("a", a);
        json.WriteString("b", b);
        json.WriteString("relation", relation);
        WriteWitness(json, "aAllowsMore", forth, isForth: true);
        WriteWitness(json, "bAllowsMore", back, isForth: false);
        json.WriteEndObject();
    }

    private static void WriteWitness(Utf8JsonWriter json, string name, Tightness answer, bool isForth)
    {
        if (answer.Reason is { } reason)
        {
            json.WriteStartObject(name);
            json.WriteString("cannotProve", reason);
            json.WriteEndObject();
        }
        else if (answer.Witness is { } witness)
        {
            json.WriteStartObject(name);
            json.WriteString("architecture", witness.Architecture.Name);
            json.WriteString("syscall", witness.Name);
            json.WriteNumber("number", witness.Number);
            json.WriteStartArray("arguments");
            foreach (ulong argument in witness.Arguments)
            {
                json.WriteNumberValue(argument);
            }

            json.WriteEndArray();
            json.WriteString("a", $"{(isForth ? witness.Left : witness.Right)}");
            json.WriteString("b", $"{(isForth ? witness.Right : witness.Left)}");
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull(name);
        }
    }

    // Without the zeros at the end, which stand for "whatever".
    private static string Call(SeccompWitness witness)
    {
        string[] arguments = [.. witness.Arguments.Reverse().SkipWhile(static a => a == 0).Reverse().Select(static a => $"0x{a:x}")];
        return string.Create(CultureInfo.InvariantCulture, $"{witness.Name ?? $"number {witness.Number}"}({string.Join(", ", arguments)})");
    }

    private static Option<string?> CreateExpect()
    {
        Option<string?> expect = new("--expect") { Description = "What gives exit code 0: A is at least as tight as B, at least as loose, or equal (default)", HelpName = "tighter|looser|equal" };
        expect.AcceptOnlyFromAmong("tighter", "looser", "equal");
        return expect;
    }
}
