using System.CommandLine;
using Runtime.Hardening.Authoring;
using Runtime.Hardening.Authoring.Explaining;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Store;

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

    /// <summary>The generation in force: as for the hook, the one before where the current is unusable, and stderr says so.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static CompiledSet LoadCurrent(ParseResult parsed, NodeFiles node)
    {
        GenerationInForce inForce = node.Store.InForce();
        if (inForce.Generation is not { } generation)
        {
            throw new CliException($"{inForce.Problem} Until then 'whenBroken: {node.WhenBroken}' decides; --policies names a folder to ask instead.");
        }

        if (inForce.Problem is { } problem)
        {
            Printer.Say(parsed).WriteLine($"The current generation is unusable, so {generation.Name}, the one before it, decides: {problem}");
        }

        return CompiledSet.Of(generation);
    }

    public static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

}
