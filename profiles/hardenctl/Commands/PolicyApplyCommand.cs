using System.CommandLine;
using Runtime.Hardening.Authoring;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Store;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl policy apply</c>: puts a folder of policies in force.</summary>
internal static class PolicyApplyCommand
{
    private static readonly Argument<string> s_folder = new("DIR") { Description = "The folder of policies: all of it becomes the generation in force" };

    public static Command Create()
    {
        Command apply = new ExampleCommand("apply", "Check a folder of policies and put it in force for every container created from now on. Exit codes: 0 in force, 1 the policies have errors, 2 it could not be written",
            "hardenctl policy apply /etc/hardening/policies", "hardenctl policy apply ./policies --profiles ./profiles -o json")
        {
            s_folder, CommonOptions.Profiles,
        };
        apply.Run(Run);
        return apply;
    }

    private static CliExit Run(ParseResult parsed)
    {
        NodeFiles node = NodeFiles.Load(parsed);
        string folder = parsed.GetValue(s_folder)!;
        TextWriter say = Printer.Say(parsed);
        if (!Directory.Exists(folder))
        {
            throw new CliException($"The folder '{folder}' is not there. Give the folder that holds the policies.");
        }

        LintReport report = new();
        PolicySet set = PolicySet.Load([folder], node.Profiles(parsed), report);
        Printer.Findings(say, report);
        if (report.HasErrors)
        {
            say.WriteLine($"Nothing was applied: {PolicyCommands.Count(report.ErrorCount, "error")}.");
            return report.IsIncomplete ? CliExit.Failed : CliExit.Findings;
        }

        ApplyResult result = node.StoreFor(say).Apply(set);
        Say(say, result);
        if (CommonOptions.WantsJson(parsed))
        {
            Printer.Json(Printer.Out(parsed), json =>
            {
                json.WriteStartObject();
                json.WriteString("generation", result.Generation);
                json.WriteString("before", result.Before);
                json.WriteBoolean("changed", result.IsChanged);
                json.WriteNumber("policies", result.Policies);
                Printer.Strings(json, "pruned", result.Pruned);
                json.WriteEndObject();
            });
        }
        else
        {
            Printer.Out(parsed).WriteLine(result.Generation);
        }

        return CliExit.Fine;
    }

    private static void Say(TextWriter say, ApplyResult result)
    {
        string policies = result.Policies == 1 ? "1 policy" : $"{result.Policies} policies";
        say.WriteLine(result.IsChanged
            ? $"In force: generation {result.Generation} with {policies}{(result.Before is null ? "" : $"; before: {result.Before}")}."
            : $"Unchanged: generation {result.Generation} with {policies} is in force already.");
        if (result.Pruned.Count > 0)
        {
            say.WriteLine($"Removed old generations: {string.Join(", ", result.Pruned)}.");
        }

        if (result.NotPruned is { } reason)
        {
            say.WriteLine(reason);
        }
    }
}
