using System.CommandLine;
using Runtime.Hardening.Cli.Engines;

namespace Runtime.Hardening.Cli.Commands;

/// <summary>`hardenctl engine`: puts the hook under container engines, takes it out again, and shows what goes round it.</summary>
internal static class EngineCommands
{
    public static readonly Option<string> Root = new("--root")
    {
        Description = "Folder that stands for the node's / (for images and packages)",
        DefaultValueFactory = _ => "/",
    };

    public static readonly Option<string> Config = new("--config")
    {
        Description = "containerd's main configuration file",
        DefaultValueFactory = _ => "/etc/containerd/config.toml",
    };

    public static readonly Option<string> Containerd = new("--containerd")
    {
        Description = "containerd's binary, which is asked what it makes of a configuration",
        DefaultValueFactory = _ => "containerd",
    };

    public static readonly Option<string> Hook = new("--hook")
    {
        Description = "Absolute path of the hook on the node",
        DefaultValueFactory = _ => "/usr/bin/hardening-hook",
    };

    public static readonly Option<bool> DryRun = new("--dry-run") { Description = "Print the change as a diff and change nothing" };

    public static readonly Option<string> Output = OutputOption();

    public static void Add(RootCommand root)
    {
        Command engine = new("engine", "Put the hook under container engines, take it out, and list what goes round it");
        engine.Subcommands.Add(EngineConfigureCommand.Create());
        engine.Subcommands.Add(EngineRestoreCommand.Create());
        engine.Subcommands.Add(EngineStatusCommand.Create());
        root.Subcommands.Add(engine);
    }

    /// <summary>Runs a command's work; what a person has to decide or repair becomes a sentence on stderr and the exit code.</summary>
    public static int Guard(ParseResult parsed, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (EngineException e)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"hardenctl: {e.Message}");
            return e.ExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"hardenctl: {e.Message} This command reads and writes the node's own files: run it as root.");
            return 2;
        }
    }

    private static Option<string> OutputOption()
    {
        Option<string> output = new("--output", "-o") { Description = "table or json", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        return output;
    }
}
