using System.CommandLine;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Cli.Commands.Seccomp;

/// <summary><c>hardenctl seccomp lint</c>: the checks that policies go through, for profiles alone.</summary>
internal static class SeccompLintCommand
{
    private static readonly Argument<string[]> s_paths = new("PATH") { Description = "Profiles, and folders of them; '-' is the standard input", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> s_for = CreateFor();

    public static Command Create()
    {
        Command lint = new ExampleCommand("lint", "Check profiles for what runtimes refuse, silently misread, or do otherwise than it looks. Exit codes: 0 no findings, 1 errors or warnings, 2 something could not be read",
            "hardenctl seccomp lint web.json", "hardenctl seccomp lint ./profiles/seccomp --for policy", "hardenctl seccomp resolve docker.json | hardenctl seccomp lint - -o json")
        {
            s_paths, s_for,
        };
        lint.Run(Run);
        return lint;
    }

    private static CliExit Run(ParseResult parsed)
    {
        LintReport report = new();
        int files = SeccompLint.Run(parsed.GetValue(s_paths)!, parsed.GetValue(s_for) == "policy" ? SeccompUse.Policy : SeccompUse.Runtime, report);
        if (CommonOptions.WantsJson(parsed))
        {
            Printer.FindingsJson(Printer.Out(parsed), report);
        }
        else
        {
            Printer.Findings(Printer.Out(parsed), report);
        }

        int warnings = report.Findings.Count(f => f.Severity == LintSeverity.Warning);
        Printer.Say(parsed).WriteLine(
            $"{PolicyCommands.Count(files, "profile")}: {PolicyCommands.Count(report.ErrorCount, "error")}, {PolicyCommands.Count(warnings, "warning")}.");
        return report.IsIncomplete ? CliExit.Failed : report.Findings.Count > 0 ? CliExit.Findings : CliExit.Fine;
    }

    private static Option<string> CreateFor()
    {
        Option<string> use = new("--for")
        {
            Description = "policy: also refuse what a policy cannot use (flags, listeners)",
            HelpName = "runtime|policy",
            DefaultValueFactory = _ => "runtime",
        };
        use.AcceptOnlyFromAmong("runtime", "policy");
        return use;
    }
}
