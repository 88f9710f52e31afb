using System.CommandLine;
using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.AppArmor.Kernel;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl apparmor load</c>: the kernel gets the profiles that containers will ask for.</summary>
internal static class AppArmorLoadCommand
{
    private static readonly Argument<string[]> s_paths = new("PATH")
    {
        Description = "Descriptions, or folders of them; default: those of the node's profiles and of the policies in force",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> s_dryRun = new("--dry-run") { Description = "Say what would be loaded and removed, and change nothing" };

    public static Command Create()
    {
        Command load = new ExampleCommand("load",
            "Put described AppArmor profiles into the kernel: only those that it does not have yet, as versions beside older ones. Versions that no process, container or generation of policies needs are taken out, but not with --config or --profiles. "
            + "Exit codes: 0 the kernel has them, 1 a description has errors and was left out, 2 one could not be loaded, or the kernel has AppArmor switched off",
            "hardenctl apparmor load", "hardenctl apparmor load --dry-run", "hardenctl apparmor load ./hardened-web.yaml")
        {
            s_paths, s_dryRun, CommonOptions.Profiles,
        };
        load.Run(Run);
        return load;
    }

    private static CliExit Run(ParseResult parsed)
    {
        NodeFiles node = NodeFiles.Load(parsed);
        AppArmorHost host = AppArmorHost.Here;
        if (!host.IsOn)
        {
            throw new CliException(AppArmorHost.SwitchedOff);
        }

        LintReport report = new();
        List<LoadStep> steps = [];
        List<string> damaged = [];
        bool isDryRun = parsed.GetValue(s_dryRun);
        void Work() => steps.AddRange(Load(parsed, node, host, report, damaged, isDryRun));
        if (isDryRun)
        {
            Work();
        }
        else
        {
            node.Store.WhileNobodyChangesIt(Work);
        }

        Printer.Findings(Printer.Say(parsed), report);
        damaged.ForEach(Printer.Say(parsed).WriteLine);
        Write(parsed, steps, isDryRun);
        return steps.Exists(step => step.Outcome == LoadOutcome.Failed) || report.IsIncomplete ? CliExit.Failed : report.HasErrors || damaged.Count > 0 ? CliExit.Findings : CliExit.Fine;
    }

    // One broken description keeps none of the others away: at boot nobody is there to mend it.
    private static IEnumerable<LoadStep> Load(ParseResult parsed, NodeFiles node, AppArmorHost host, LintReport report, List<string> damaged, bool isDryRun)
    {
        List<AppArmorText> wanted = [.. AppArmorCommands.Described(parsed, node, report).Select(source => source.Profile)];
        HashSet<string> described = [.. wanted.Select(profile => profile.Name)];
        if (parsed.GetValue(s_paths) is { Length: > 0 } paths)
        {
            wanted = [.. paths.SelectMany(Files).Select(path => AppArmorSource.Load(path, report)).OfType<AppArmorSource>().Select(source => source.Profile)];
        }
        else
        {
            wanted.AddRange(InForce(node.Store, damaged));
        }

        AppArmorLoader loader = NodeFiles.AppArmorLoader(host);
        IReadOnlyList<LoadStep> loaded = loader.Load(wanted, isDryRun);
        if (node.IsNamed || parsed.GetValue(CommonOptions.Profiles) is { Length: > 0 })
        {
            // Who looks into folders of their own does not see all that the node needs.
            return loaded;
        }

        HashSet<string>? needed = AppArmorNeeds.Find(node.Store, node.Settings.StateDirectory).Names;
        needed?.UnionWith(described);
        needed?.UnionWith(wanted.Select(profile => profile.Name));
        // A description that cannot be read now may have been the reason for a version that is loaded.
        return [.. loaded, .. loader.RemoveUnneeded(report.HasErrors ? null : needed, isDryRun)];
    }

    // The hook goes back to the previous generation when the current one is damaged.
    private static IEnumerable<AppArmorText> InForce(PolicyStore store, List<string> damaged)
    {
        foreach (GenerationFolder generation in new[] { store.CurrentGeneration(), store.PreviousGeneration() }.OfType<GenerationFolder>())
        {
            IReadOnlyList<AppArmorText> texts = [];
            try
            {
                texts = generation.AppArmorTexts();
            }
            catch (HardeningFormatException e)
            {
                damaged.Add(e.Message);
            }

            foreach (AppArmorText text in texts)
            {
                yield return text;
            }
        }
    }

    private static IEnumerable<string> Files(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        string[] files = [.. Directory.EnumerateFiles(path, "*.yaml").Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new CliException($"The folder '{path}' holds no description (*.yaml). Nothing was loaded.");
    }

    private static void Write(ParseResult parsed, List<LoadStep> steps, bool isDryRun)
    {
        if (CommonOptions.WantsJson(parsed))
        {
            Printer.Json(Printer.Out(parsed), json =>
            {
                json.WriteStartObject();
                json.WriteBoolean("dryRun", isDryRun);
                json.WriteStartArray("profiles");
                foreach (LoadStep step in steps)
                {
                    json.WriteStartObject();
                    json.WriteString("name", step.Name);
                    json.WriteString("outcome", Word(step.Outcome, isDryRun: false));
                    json.WriteString("reason", step.Reason);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
            return;
        }

        Printer.Table(Printer.Out(parsed), ["profile", "outcome", "why"], steps.Select(step => new[] { step.Name, Word(step.Outcome, isDryRun), step.Reason }));
    }

    private static string Word(LoadOutcome outcome, bool isDryRun)
    {
        string word = outcome.ToString().ToLowerInvariant();
        return isDryRun && outcome is (LoadOutcome.Loaded or LoadOutcome.Mended or LoadOutcome.Removed) ? $"would be {word}" : word;
    }
}
