using System.CommandLine;
using Runtime.Hardening.Authoring;
using Runtime.Hardening.Authoring.Explaining;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl policy</c>, and what its verbs share.</summary>
internal static class PolicyCommands
{
    public static void Add(RootCommand root)
    {
        Command policy = new("policy", "Check, apply, compare and explain policies") { CommonOptions.Config, CommonOptions.Output };
        policy.Subcommands.Add(PolicyLintCommand.Create());
        policy.Subcommands.Add(PolicyApplyCommand.Create());
        policy.Subcommands.Add(PolicyRollbackCommand.Create());
        policy.Subcommands.Add(PolicyGenerationsCommand.Create());
        policy.Subcommands.Add(PolicyExplainCommand.Create());
        policy.Subcommands.Add(PolicyDiffCommand.Create());
        root.Subcommands.Add(policy);
    }

    /// <summary>Loads documents for a command that needs them without errors.</summary>
    /// <exception cref="CliException">They have errors, which have been written to stderr.</exception>
    public static CompiledSet LoadClean(ParseResult parsed, NodeFiles node, string path)
    {
        LintReport report = new();
        PolicySet set = PolicySet.Load([path], node.Profiles(parsed), report);
        if (report.HasErrors)
        {
            Printer.Findings(Printer.Say(parsed), report);
            throw new CliException($"The policies in '{path}' have {Count(report.ErrorCount, "error")}. Mend them first.");
        }

        return CompiledSet.Of(path, set);
    }

    /// <summary>The generation in force.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static CompiledSet LoadCurrent(NodeFiles node)
        => node.Store.CurrentGeneration() is { } current
            ? CompiledSet.Of(current)
            : throw new CliException($"There is no current generation in {node.Settings.PolicyStore}. Run 'hardenctl policy apply DIR', or name a folder with --policies.");

    public static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

}
