using System.CommandLine;
using System.Globalization;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Settings;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl node status</c>: what is in force here, and what keeps it from working.</summary>
internal static class NodeStatusCommand
{
    private const string Hook = "hardening-hook";

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
        yield return new StatusItem("settings", node.SettingsExist ? node.SettingsPath : $"{node.SettingsPath} (not there: defaults)",
            node.SettingsExist ? FileTrust.ProblemOf(node.SettingsPath) : null);
        yield return Program("hook", FindHook());
        yield return Program("runtime", settings.Runtime);
        foreach ((string engine, string path) in settings.Runtimes)
        {
            yield return Program($"runtime of {engine}", path);
        }

        yield return Generation(node.Store, settings.WhenBroken);
        yield return new StatusItem("previous", node.Store.PreviousGeneration()?.Name ?? "none", null);
        yield return new StatusItem("whenBroken", settings.WhenBroken.ToString().ToLowerInvariant(), null);
        yield return AppArmorStatusItem.Of(parsed, node);
        yield return Folder("journal", settings.Journal);
        yield return Folder("stateDirectory", settings.StateDirectory);
        yield return Pause(node.SettingsPath);
    }

    private static StatusItem Generation(PolicyStore store, WhenBroken whenBroken)
    {
        if (store.CurrentGeneration() is not { } current)
        {
            string instead = store.PreviousGeneration() is { } previous ? $"the one before, {previous.Name}," : $"'whenBroken: {whenBroken.ToString().ToLowerInvariant()}'";
            return new StatusItem("generation", "none", $"No generation is in force in {store.Path}, so {instead} decides. Run 'hardenctl policy apply DIR'.");
        }

        try
        {
            PolicyIndex index = current.Read();
            return new StatusItem("generation", $"{current.Name}: {string.Join(' ', index.Policies.Select(p => p.Name))}", FileTrust.ProblemOf(current.Path));
        }
        catch (HardeningFormatException e)
        {
            return new StatusItem("generation", current.Name, e.Message);
        }
    }

    private static StatusItem Pause(string settingsPath)
    {
        PauseFile? pause = PauseFile.Read(settingsPath);
        if (pause is null || pause.Until <= TimeProvider.System.GetUtcNow())
        {
            return new StatusItem("pause", pause is null ? "no" : "no (it has ended)", null);
        }

        string until = pause.Until?.ToString("u", CultureInfo.InvariantCulture) ?? "it is removed";
        return new StatusItem("pause", $"until {until}: {pause.Reason}", "Containers start without hardening. End it with 'hardenctl node resume'.");
    }

    // A folder that is not there is made by its first writer, if there can be one.
    private static StatusItem Folder(string name, string path)
    {
        string? existing = path;
        while (existing is not null && !Path.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing);
        }

        return new(name, path, existing is not null && !Directory.Exists(existing)
            ? $"'{existing}' is no folder, so nothing can be written to '{path}'. Remove it, or name another folder in hook.json."
            : Directory.Exists(path) ? FileTrust.ProblemOf(path) : null);
    }

    private static StatusItem Program(string name, string? path)
    {
        const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if (path is null)
        {
            return new StatusItem(name, "not found", $"There is no {Hook} beside this program, in /usr/bin or in /usr/local/bin. Install it, or engines keep calling the runtime directly.");
        }

        string? problem = FileTrust.ProblemOf(path);
        return new StatusItem(name, path, problem ?? ((File.GetUnixFileMode(path) & Executable) == 0 ? $"'{path}' is not executable. Run 'chmod 0755 {path}'." : null));
    }

    private static string? FindHook()
        => new[] { Path.GetDirectoryName(Environment.ProcessPath) ?? "/", "/usr/bin", "/usr/local/bin" }.Select(f => Path.Combine(f, Hook)).FirstOrDefault(File.Exists);
}
