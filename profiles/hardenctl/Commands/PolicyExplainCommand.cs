using System.CommandLine;
using Runtime.Hardening.Authoring.Explaining;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl policy explain</c>: what the hook would do with a container, and why.</summary>
internal static class PolicyExplainCommand
{
    private static readonly Argument<string> s_spec = new("CONFIG_JSON|BUNDLE") { Description = "The engine's config.json, or the bundle's folder" };

    public static readonly Option<string?> Policies = new("--policies")
    {
        Description = "Folder or file of policies; default: the generation in force",
        HelpName = "DIR",
    };

    public static Command Create()
    {
        Command explain = new ExampleCommand("explain",
            "Say which policies match a container, which do not and why, and what changes. Asks the same code as the hook. Exit codes: 0 it starts, 1 it is refused or a policy cannot be applied",
            "hardenctl policy explain config.json",
            "hardenctl policy explain ./bundle --policies ./policies --root /run/containerd/runc/k8s.io")
        {
            s_spec, Policies, SpecFile.Root, SpecFile.Engine, CommonOptions.Profiles,
        };
        explain.Run(Run);
        return explain;
    }

    private static CliExit Run(ParseResult parsed)
    {
        NodeFiles node = NodeFiles.Load(parsed);
        (ContainerSpec spec, ContainerFacts facts) = SpecFile.Read(parsed, parsed.GetValue(s_spec)!);
        CompiledSet set = parsed.GetValue(Policies) is { } path ? PolicyCommands.LoadClean(parsed, node, path) : PolicyCommands.LoadCurrent(parsed, node);
        Explanation explanation = Explanation.Of(spec, facts, set, new HostFacts());
        if (CommonOptions.WantsJson(parsed))
        {
            Printer.Json(Printer.Out(parsed), json => ExplanationJson.Write(json, set, explanation));
        }
        else
        {
            Write(Printer.Out(parsed), set, explanation);
        }

        return explanation.Decision.Outcome == DecisionOutcome.Refuse || explanation.Decision.Findings.Any(f => f.Outcome == FindingOutcome.Error)
            ? CliExit.Findings
            : CliExit.Fine;
    }

    private static void Write(TextWriter output, CompiledSet set, Explanation explanation)
    {
        PolicyDecision decision = explanation.Decision;
        output.WriteLine($"decision: {Outcome(decision.Outcome)}{(decision.Message.Length == 0 ? "" : $": {decision.Message}")}");
        output.WriteLine($"policies from: {set.Name}");
        output.WriteLine();
        Printer.Table(output, ["fact", "value"], Facts(explanation.Facts).Select(f => new[] { f.Name, f.Value }));
        Printer.Table(output, ["policy", "matches", "why"], explanation.Matches.Select(m => new[] { m.Policy, m.IsMatch ? "yes" : "no", string.Join("; ", m.Reasons) }));
        if (explanation.Changes.Count > 0)
        {
            Printer.Table(output, ["field", "before", "after", "policy", "written at"],
                explanation.Changes.Select(c => new[] { c.Edit.Path.Text(), c.Edit.Before, c.Edit.After, c.Edit.Policies, string.Join(", ", c.Places) }));
        }

        if (decision.Findings.Count > 0)
        {
            Printer.Table(output, ["finding", "rule", "policy", "message"],
                decision.Findings.Select(f => new[] { f.Outcome.Text(), Profiles.RuleIds.Text(f.Rule), f.Policies, f.Message }));
        }
    }

    internal static string Outcome(DecisionOutcome outcome) => outcome switch
    {
        DecisionOutcome.Allow => "allow",
        DecisionOutcome.Unmatched => "unmatched",
        DecisionOutcome.Refuse => "refuse",
        _ => "passThrough",
    };

    internal static IEnumerable<(string Name, string Value)> Facts(ContainerFacts facts)
    {
        yield return ("engine", facts.Engine);
        yield return ("engineNamespace", facts.EngineNamespace);
        yield return ("namespace", facts.PodNamespace);
        yield return ("pod", facts.Pod);
        yield return ("name", facts.Name);
        yield return ("image", facts.Image);
        yield return ("hostname", facts.Hostname);
        yield return ("container", facts.IsSandbox ? "sandbox" : "workload");
        yield return ("privileged", facts.LooksPrivileged ? "true" : "false");
    }
}
