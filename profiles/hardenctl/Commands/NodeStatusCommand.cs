using System.CommandLine;
using System.Globalization;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Cli.Engines;
using Runtime.Hardening.Cli.Inspection;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Settings;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl node status</c>: what is in force here, and what keeps it from working.</summary>
internal static class NodeStatusCommand
{
    public static Command Create()
    {
        Command status = new ExampleCommand("status", "Show settings, generation, AppArmor and pause of this node, and check the files they rest on. Exit codes: 0 all is well, 1 something needs attention",
            "hardenctl node status", "hardenctl node status -o json");
        status.Run(Run);
        return status;
    }

    private static CliExit Run(ParseResult parsed)
    {
        NodeFiles node = NodeFiles.Load(parsed);
        List<StatusItem> items = [.. Inspect(parsed, node)];
        if (CommonOptions.WantsJson(parsed))
        {
            Printer.Json(Printer.Out(parsed), json =>
            {
                json.WriteStartObject();
                foreach (StatusItem item in items)
                {
                    json.WriteStartObject(item.Name);
                    json.WriteString("value", item.Value);
                    json.WriteString("problem", item.Problem);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            });
        }
        else
        {
            Printer.Table(Printer.Out(parsed), ["what", "value", "problem"], items.Select(i => new[] { i.Name, i.Value, i.Problem ?? "" }));
        }

        return items.Exists(i => i.Problem is not null) ? CliExit.Findings : CliExit.Fine;
    }

    private static IEnumerable<StatusItem> Inspect(ParseResult parsed, NodeFiles node)
    {
        NodeSettings settings = node.Settings;
        string? hook = FindHook();
        yield return new StatusItem("settings", node.SettingsExist ? node.SettingsPath : $"{node.SettingsPath} (not there: defaults)",
            node.SettingsExist ? NodeChecks.Settings(node.SettingsPath) : null);
        yield return new StatusItem("hook", hook ?? "not found", hook is not null ? ProgramCheck.ProblemOf(hook)
            : $"There is no {ProgramCheck.Hook} beside this program, in /usr/bin or in /usr/local/bin. Install it, or engines keep calling the runtime directly.");
        yield return new StatusItem("runtime", settings.Runtime, ProgramCheck.ProblemOfRuntime(settings.Runtime, hook, "runtime"));
        foreach ((string engine, string path) in settings.Runtimes)
        {
            yield return new StatusItem($"runtime of {engine}", path, ProgramCheck.ProblemOfRuntime(path, hook, $"runtimes.{engine}"));
        }

        yield return Generation(node);
        yield return new StatusItem("previous", node.Store.PreviousGeneration()?.Name ?? "none", null);
        yield return new StatusItem("whenBroken", node.WhenBroken, null);
        yield return AppArmorStatusItem.Of(parsed, node);
        yield return new StatusItem("journal", settings.Journal, NodeChecks.Folder(settings.Journal, "journal"));
        yield return new StatusItem("stateDirectory", settings.StateDirectory, NodeChecks.Folder(settings.StateDirectory, "stateDirectory"));
        yield return Pause(node.SettingsPath);
        foreach (HookFile file in HookFiles.Find(new NodePaths("/")))
        {
            yield return new StatusItem($"hook file {file.Path}", file.Value, file.Problem);
        }

        foreach ((string process, string variables) in EngineEnvironment.Find("/proc"))
        {
            yield return new StatusItem($"environment of {process}", variables, EngineEnvironment.Advice);
        }
    }

    private static StatusItem Generation(NodeFiles node)
    {
        GenerationInForce inForce = node.Store.InForce();
        if (inForce.Generation is not { } generation)
        {
            return new StatusItem("generation", "none", $"No generation is in force in {node.Store.Path}, so 'whenBroken: {node.WhenBroken}' decides. {inForce.Problem}");
        }

        try
        {
            // The index made it the one in force; a profile that is lost or damaged shows only here, and at the next container.
            PolicyIndex index = generation.Read();
            string? problem = inForce.Problem is { } why ? $"The current generation is unusable, so this one, the one before it, decides. {why}" : FileTrust.ProblemOf(generation.Path);
            return new StatusItem("generation", $"{index.Generation}: {string.Join(' ', index.Policies.Select(p => p.Name))}", problem);
        }
        catch (HardeningFormatException e)
        {
            return new StatusItem("generation", generation.Name, e.Message);
        }
    }

    private static StatusItem Pause(string settingsPath)
    {
        PauseFile? pause = PauseFile.Read(settingsPath, out string? ignored);
        if (pause is null || pause.Until <= TimeProvider.System.GetUtcNow())
        {
            return new StatusItem("pause", pause is null ? "no" : "no (it has ended)", ignored);
        }

        string until = pause.Until?.ToString("u", CultureInfo.InvariantCulture) ?? "it is removed";
        return new StatusItem("pause", $"until {until}: {pause.Reason}", "Containers start without hardening. End it with 'hardenctl node resume'.");
    }

    private static string? FindHook()
        => new[] { Path.GetDirectoryName(Environment.ProcessPath) ?? "/", "/usr/bin", "/usr/local/bin" }.Select(f => Path.Combine(f, ProgramCheck.Hook)).FirstOrDefault(File.Exists);
}
