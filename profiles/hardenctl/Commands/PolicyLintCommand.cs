using System.CommandLine;
using Runtime.Hardening.Authoring;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl policy lint</c>: every mistake at once, and nothing is changed.</summary>
internal static class PolicyLintCommand
{
    private static readonly Argument<string[]> s_paths = new("PATH")
    {
        Description = "Files and folders; default: the folder 'policies' beside the node's settings",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create()
    {
        Command lint = new ExampleCommand("lint", "Check policies and everything they refer to. Exit codes: 0 no findings, 1 errors or warnings, 2 something could not be read",
            "hardenctl policy lint", "hardenctl policy lint ./policies --profiles ./profiles", "hardenctl policy lint web.yaml -o json")
        {
            s_paths, CommonOptions.Profiles,
        };
        lint.Run(Run);
        return lint;
    }

    private static CliExit Run(ParseResult parsed)
    {
        NodeFiles node = NodeFiles.Load(parsed);
        string[] paths = parsed.GetValue(s_paths) is { Length: > 0 } given ? given : [node.Policies];
        LintReport report = new();
        PolicySet set = PolicySet.Load(paths, node.Profiles(parsed), report);
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
            $"{PolicyCommands.Count(set.Files.Count, "file")}, {(set.Policies.Count == 1 ? "1 policy" : $"{set.Policies.Count} policies")}: {PolicyCommands.Count(report.ErrorCount, "error")}, {PolicyCommands.Count(warnings, "warning")}.");
        return report.IsIncomplete ? CliExit.Failed : report.Findings.Count > 0 ? CliExit.Findings : CliExit.Fine;
    }
}
