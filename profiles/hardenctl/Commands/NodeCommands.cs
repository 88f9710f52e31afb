using System.CommandLine;
using System.Globalization;
using Runtime.Hardening.Authoring.Store;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl node</c>: the state of this node, and the pause.</summary>
internal static class NodeCommands
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromDays(30);

    private static readonly Option<string> s_for = new("--for") { Description = "How long: a number with s, m, h or d, at most 30d", HelpName = "30m", Required = true };

    private static readonly Option<string> s_reason = new("--reason") { Description = "Why, for the journal and for whoever looks at the node", HelpName = "TEXT", Required = true };

    public static void Add(RootCommand root)
    {
        Command node = new("node", "Show the state of this node, pause and resume hardening") { CommonOptions.Config, CommonOptions.Output };
        Command pause = new ExampleCommand("pause", "Start every container as the engine describes it, for a while. Each one is journaled",
            "hardenctl node pause --for 30m --reason \"INC-42: pods do not start\"")
        {
            s_for, s_reason,
        };
        pause.Run(Pause);
        node.Subcommands.Add(pause);
        Command resume = new ExampleCommand("resume", "End a pause", "hardenctl node resume");
        resume.Run(Resume);
        node.Subcommands.Add(resume);
        node.Subcommands.Add(NodeStatusCommand.Create());
        root.Subcommands.Add(node);
    }

    private static CliExit Pause(ParseResult parsed)
    {
        NodeFiles node = NodeFiles.Load(parsed);
        string reason = parsed.GetValue(s_reason)!.Trim();
        if (reason.Length == 0)
        {
            throw new CliException("--reason is empty. Say why the node is paused: whoever finds its containers unhardened reads it in 'hardenctl node status' and in the journal.");
        }

        DateTimeOffset until = TimeProvider.System.GetUtcNow() + Duration(parsed.GetValue(s_for)!);
        new PauseFile(until, reason).Write(node.SettingsPath);
        Printer.Say(parsed).WriteLine($"Paused until {until.ToString("u", CultureInfo.InvariantCulture)}: containers start as the engine describes them. End it with 'hardenctl node resume'.");
        return CliExit.Fine;
    }

    private static CliExit Resume(ParseResult parsed)
    {
        bool was = PauseFile.Remove(NodeFiles.Load(parsed).SettingsPath);
        Printer.Say(parsed).WriteLine(was ? "Resumed: containers are hardened again." : "The node was not paused.");
        return CliExit.Fine;
    }

    /// <summary>Reads 90s, 30m, 2h or 1d.</summary>
    /// <exception cref="CliException">It is none of these, not above zero, or longer than 30 days.</exception>
    internal static TimeSpan Duration(string text)
    {
        double seconds = text is [.., var unit] ? unit switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 } : 0;
        if (seconds > 0 && uint.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            && number > 0 && number * seconds <= s_longestPause.TotalSeconds)
        {
            return TimeSpan.FromSeconds(number * seconds);
        }

        throw new CliException($"'{text}' is not a duration, expected a number above 0 with s, m, h or d, at most 30d. For a pause without an end put an empty file 'paused' beside hook.json.");
    }
}
