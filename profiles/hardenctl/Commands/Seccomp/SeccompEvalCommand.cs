using System.CommandLine;
using System.Text.Json;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Cli.Commands.Seccomp;

/// <summary><c>hardenctl seccomp eval</c>: what happens to one call, and which rule says so.</summary>
internal static class SeccompEvalCommand
{
    private static readonly Argument<string> s_profile = SeccompCommands.ProfileArgument();
    private static readonly Option<string> s_syscall = new("--syscall") { Description = "The call, by name or number", HelpName = "NAME|NUMBER", Required = true };
    private static readonly Option<string[]> s_arguments = new("--arg")
    {
        Description = "An argument, counted from 0, decimal or 0x...; may be repeated. Without it every value is considered",
        HelpName = "INDEX=VALUE",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> s_architecture = SeccompTarget.Architecture("The architecture of the call (x86_64, x86, x32, aarch64, arm, riscv64, s390x, ppc64le); default: this machine's");
    private static readonly Option<string> s_runtime = SeccompTarget.Runtime("Who makes the filter: runc answers ENOSYS to numbers beyond the profile's, runc-1.1 only on listed architectures", "runc", "runc", "runc-1.1", "crun");

    public static Command Create()
    {
        Command eval = new ExampleCommand("eval", "Say what happens to a system call under a profile, and which rule says so. Exit code 0 whatever the answer is",
            "hardenctl seccomp eval web.json --syscall clone3", "hardenctl seccomp eval web.json --syscall socket --arg 0=40",
            "hardenctl seccomp eval web.json --syscall 165 --arch aarch64 --runtime crun -o json")
        {
            s_profile, s_syscall, s_arguments, s_architecture, s_runtime,
        };
        eval.Run(Run);
        return eval;
    }

    private static CliExit Run(ParseResult parsed)
    {
        SeccompArchitecture architecture = SeccompTarget.Find(parsed.GetValue(s_architecture));
        (uint number, string? name) = SeccompTarget.Call(parsed.GetValue(s_syscall)!, architecture);
        ulong?[] given = new ulong?[6];
        foreach ((int index, ulong value) in parsed.GetValue(s_arguments)!.Select(SeccompTarget.Argument))
        {
            given[index] = given[index] is null ? value : throw new CliException($"--arg {index}=... is given twice.");
        }

        ProfileDocument document = SeccompCommands.Read(parsed, parsed.GetValue(s_profile)!);
        SeccompModel model = SeccompModel.Of(document.ToProfile(), SeccompTarget.RuntimeOf(parsed.GetValue(s_runtime)!));
        SeccompVerdict verdict = SeccompVerdict.Of(document, model, architecture, number, name, given);
        if (CommonOptions.WantsJson(parsed))
        {
            Printer.Json(Printer.Out(parsed), json => WriteJson(json, verdict, architecture));
        }
        else
        {
            Write(Printer.Out(parsed), verdict, architecture);
        }

        return CliExit.Fine;
    }

    private static void Write(TextWriter output, SeccompVerdict verdict, SeccompArchitecture architecture)
    {
        output.WriteLine($"{verdict.Name ?? "no known call"} (number {verdict.Number}) on {architecture}: {verdict.Answer}");
        Printer.Table(output, ["when", "result", "says", "written at"], verdict.Reasons.Select(static r => new[] { r.When, r.Result, r.Says, $"{r.Location}" }));
        if (verdict.Doubt is { } doubt)
        {
            output.WriteLine($"Not to be relied on: {doubt}.");
        }
    }

    private static void WriteJson(Utf8JsonWriter json, SeccompVerdict verdict, SeccompArchitecture architecture)
    {
        json.WriteStartObject();
        json.WriteString("syscall", verdict.Name);
        json.WriteNumber("number", verdict.Number);
        json.WriteString("architecture", architecture.Name);
        json.WriteString("result", verdict.Answer);
        if (verdict.Doubt is { } doubt)
        {
            json.WriteString("doubt", doubt);
        }

        json.WriteStartArray("because");
        foreach (VerdictReason reason in verdict.Reasons)
        {
            json.WriteStartObject();
            json.WriteString("when", reason.When);
            json.WriteString("result", reason.Result);
            json.WriteString("says", reason.Says);
            json.WriteString("file", reason.Location.File);
            json.WriteNumber("line", reason.Location.Line);
            json.WriteNumber("column", reason.Location.Column);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
