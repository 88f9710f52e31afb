using System.CommandLine;
using Runtime.Hardening.Authoring.Explaining;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl policy diff</c>: what changes between two sets of policies, as fields or for given containers.</summary>
internal static class PolicyDiffCommand
{
    private static readonly Argument<string[]> s_folders = new("DIR")
    {
        Description = "One folder: compared with the generation in force. Two: the first is before, the second after",
        Arity = new ArgumentArity(1, 2),
    };

    private static readonly Option<string[]> s_specs = new("--spec")
    {
        Description = "A config.json or bundle; may be repeated. Then the decisions for these containers are compared",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    public static Command Create()
    {
        Command diff = new ExampleCommand("diff", "Compare two sets of policies after inheritance. Exit codes: 0 no difference, 1 differences",
            "hardenctl policy diff /etc/hardening/policies", "hardenctl policy diff ./old ./new --spec ./bundle")
        {
            s_folders, s_specs, SpecFile.Root, SpecFile.Engine, CommonOptions.Profiles,
        };
        diff.Run(Run);
        return diff;
    }

    private static CliExit Run(ParseResult parsed)
    {
        NodeFiles node = NodeFiles.Load(parsed);
        string[] folders = parsed.GetValue(s_folders)!;
        CompiledSet before = folders.Length == 2 ? PolicyCommands.LoadClean(parsed, node, folders[0]) : PolicyCommands.LoadCurrent(parsed, node);
        CompiledSet after = PolicyCommands.LoadClean(parsed, node, folders[^1]);
        string[] specs = parsed.GetValue(s_specs)!;
        Difference[] differences = specs.Length == 0
            ? [.. SetDifference.Of(before, after).Select(d => new Difference(d.Policy, d.Field, d.Before, d.After))]
            : [.. specs.SelectMany(s => OfSpec(parsed, s, before, after))];
        string subject = specs.Length == 0 ? "policy" : "spec";
        if (CommonOptions.WantsJson(parsed))
        {
            WriteJson(parsed, subject, differences);
        }
        else if (differences.Length > 0)
        {
            Printer.Table(Printer.Out(parsed), [subject, "field", "before", "after"], differences.Select(d => new[] { d.Subject, d.Field, d.Before ?? "-", d.After ?? "-" }));
        }

        Printer.Say(parsed).WriteLine($"{before.Name} -> {after.Name}: {(differences.Length == 0 ? "no difference" : PolicyCommands.Count(differences.Length, "difference"))}.");
        return differences.Length == 0 ? CliExit.Fine : CliExit.Findings;
    }

    private static IEnumerable<Difference> OfSpec(ParseResult parsed, string path, CompiledSet before, CompiledSet after)
    {
        (ContainerSpec spec, ContainerFacts facts) = SpecFile.Read(parsed, path);
        HostFacts host = new();
        SortedDictionary<string, string> old = Lines(Explanation.Of(spec, facts, before, host));
        SortedDictionary<string, string> now = Lines(Explanation.Of(spec, facts, after, host));
        foreach (string field in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            string? left = old.GetValueOrDefault(field);
            string? right = now.GetValueOrDefault(field);
            if (left != right)
            {
                yield return new Difference(path, field, left, right);
            }
        }
    }

    private static SortedDictionary<string, string> Lines(Explanation explanation)
    {
        SortedDictionary<string, string> lines = new(StringComparer.Ordinal)
        {
            ["decision"] = PolicyExplainCommand.Outcome(explanation.Decision.Outcome),
            ["policies"] = string.Join(", ", explanation.Decision.Policies),
        };
        foreach (ChangeExplanation change in explanation.Changes)
        {
            lines[change.Edit.Path.Text()] = change.Edit.After;
        }

        foreach (Finding finding in explanation.Decision.Findings)
        {
            lines[$"finding: {Profiles.RuleIds.Text(finding.Rule)}, {finding.Policies}: {finding.Message}"] = finding.Outcome.Text();
        }

        return lines;
    }

    private static void WriteJson(ParseResult parsed, string subject, Difference[] differences) => Printer.Json(Printer.Out(parsed), json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("differences");
        foreach (Difference difference in differences)
        {
            json.WriteStartObject();
            json.WriteString(subject, difference.Subject);
            json.WriteString("field", difference.Field);
            json.WriteString("before", difference.Before);
            json.WriteString("after", difference.After);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private sealed record Difference(string Subject, string Field, string? Before, string? After);
}
