using System.CommandLine;
using System.Text.RegularExpressions;
using Runtime.Hardening.Cli.Engines;

namespace Runtime.Hardening.Cli.Commands;

/// <summary>`hardenctl engine configure containerd`: adds a runtime entry that runs the hook.</summary>
internal static partial class EngineConfigureCommand
{
    private static readonly Option<string> Handler = new("--handler")
    {
        Description = "Name of the new runtime entry: what a RuntimeClass names as its handler",
        DefaultValueFactory = _ => "hardened",
    };

    private static readonly Option<string> From = new("--from")
    {
        Description = "The entry whose options are copied; its BinaryName is the real runtime",
        DefaultValueFactory = _ => "runc",
    };

    private static readonly Option<bool> Default = new("--default") { Description = "Make the entry containerd's default: every pod that names no RuntimeClass goes through it" };

    private static readonly Option<bool> Restart = new("--restart") { Description = "Restart containerd afterwards (running containers go on running)" };

    public static Command Create()
    {
        Handler.Validators.Add(result =>
        {
            // Kubernetes takes nothing else as a RuntimeClass's handler, so an entry of another name could never be asked for.
            string name = result.Tokens is [.., { } last] ? last.Value : "hardened";
            if (!DnsLabel().IsMatch(name))
            {
                result.AddError($"--handler '{name}': expected a DNS label (lower-case letters, digits and '-', at most 63, none of them '-' at an end), like 'hardened': a RuntimeClass can name nothing else.");
            }
        });
        Command containerd = new ExampleCommand("containerd", "Add a runtime entry that runs the hook to containerd's configuration; everything else in the file stays byte for byte",
            "hardenctl engine configure containerd --dry-run", "hardenctl engine configure containerd --default --restart",
            "hardenctl engine configure containerd --handler hardened-kata --from kata")
        {
            EngineCommands.Config, EngineCommands.Containerd, EngineCommands.Hook, EngineCommands.Root, EngineCommands.DryRun, EngineCommands.Output, Handler, From, Default, Restart,
        };
        containerd.SetAction(parsed => EngineCommands.Guard(parsed, () => Run(parsed)));
        return new Command("configure", "Put the hook under an engine") { containerd };
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\\z")]
    private static partial Regex DnsLabel();

    private static int Run(ParseResult parsed)
    {
        NodePaths node = new(parsed.GetValue(EngineCommands.Root)!);
        ContainerdRequest request = new(
            parsed.GetValue(Handler)!, parsed.GetValue(EngineCommands.Hook)!, parsed.GetValue(From)!, parsed.GetValue(Default));
        bool dryRun = parsed.GetValue(EngineCommands.DryRun);
        if (!request.Hook.StartsWith('/') || (!dryRun && !File.Exists(node.Under(request.Hook))))
        {
            throw EngineException.Failed($"--hook '{request.Hook}': expected the absolute path of a program that is there. With a missing one every container of the entry would fail: install the hook first.");
        }

        ContainerdEngine engine = new(node, ContainerdProgram.Find(parsed.GetValue(EngineCommands.Containerd)!), parsed.GetValue(EngineCommands.Config)!, TimeProvider.System);
        ConfigureOutcome outcome = engine.Configure(request, dryRun);
        Report(parsed, outcome, request, dryRun);
        if (!parsed.GetValue(Restart) || dryRun || !outcome.Changed)
        {
            return 0;
        }

        EngineRestart.Containerd();
        parsed.InvocationConfiguration.Error.WriteLine("containerd was restarted.");
        return 0;
    }

    private static void Report(ParseResult parsed, ConfigureOutcome outcome, ContainerdRequest request, bool dryRun)
    {
        TextWriter people = parsed.InvocationConfiguration.Error;
        if (parsed.GetValue(EngineCommands.Output) == "json")
        {
            parsed.InvocationConfiguration.Output.WriteLine(JsonText.Object(json =>
            {
                json.WriteString("target", outcome.Target);
                json.WriteString("handler", request.Handler);
                json.WriteString("runtime", outcome.Runtime);
                json.WriteBoolean("changed", outcome.Changed);
                json.WriteString("diff", outcome.Diff);
            }));
        }
        else if (dryRun)
        {
            parsed.InvocationConfiguration.Output.Write(outcome.Diff);
        }

        if (!outcome.Changed)
        {
            people.WriteLine($"The entry '{request.Handler}' is in '{outcome.Target}' already; nothing was changed.");
            return;
        }

        people.WriteLine(dryRun ? $"Would add the entry '{request.Handler}' to '{outcome.Target}'; containerd accepts it." : $"Added the entry '{request.Handler}' to '{outcome.Target}'.");
        people.WriteLine($"The real runtime is '{outcome.Runtime}': that is what \"runtime\" in hook.json has to name.");
        if (!dryRun && !parsed.GetValue(Restart))
        {
            people.WriteLine("containerd has to be restarted before it sees the entry (--restart, or: systemctl restart containerd). Running containers go on running.");
        }
    }
}
