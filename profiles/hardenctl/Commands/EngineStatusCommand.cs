using System.CommandLine;
using Runtime.Hardening.Cli.Engines;

namespace Runtime.Hardening.Cli.Commands;

/// <summary>`hardenctl engine status`: every runtime entry of every engine, and whether it goes through the hook.</summary>
internal static class EngineStatusCommand
{
    public static Command Create()
    {
        Command status = new ExampleCommand("status", "List every runtime entry of every engine on this node as covered by the hook or not (exit code 1: no entry is covered)",
            "hardenctl engine status", "hardenctl engine status --config /etc/containerd/config.toml -o json")
        {
            EngineCommands.Config, EngineCommands.Containerd, EngineCommands.Hook, EngineCommands.Root, EngineCommands.Output,
        };
        status.SetAction(parsed => EngineCommands.Guard(parsed, () => Run(parsed)));
        return status;
    }

    private static int Run(ParseResult parsed)
    {
        NodePaths node = new(parsed.GetValue(EngineCommands.Root)!);
        List<NodeEntry> entries = new NodeEngines(node, parsed.GetValue(EngineCommands.Hook)!)
            .List(parsed.GetValue(EngineCommands.Config)!, parsed.GetValue(EngineCommands.Containerd)!);
        TextWriter output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(EngineCommands.Output) == "json")
        {
            output.WriteLine(JsonText.Object(json =>
            {
                json.WriteStartArray("entries");
                foreach (NodeEntry entry in entries)
                {
                    json.WriteStartObject();
                    json.WriteString("engine", entry.Engine);
                    json.WriteString("entry", entry.Entry);
                    json.WriteString("runtime", entry.Runtime);
                    json.WriteBoolean("covered", entry.Covered);
                    json.WriteBoolean("default", entry.Default);
                    json.WriteString("note", entry.Note);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }));
        }
        else if (entries.Count == 0)
        {
            output.WriteLine("No container engine was found on this node (looked for containerd, Docker, Podman and CRI-O).");
        }
        else
        {
            Print(output, entries);
        }

        return entries.Exists(e => e.Covered) ? 0 : 1;
    }

    private static void Print(TextWriter output, List<NodeEntry> entries) => Printer.Table(output, ["engine", "entry", "runs", "covered", "note"],
        entries.Select(e => new[] { e.Engine, e.Default ? e.Entry + " (default)" : e.Entry, e.Runtime, e.Covered ? "yes" : "no", e.Note }));
}
