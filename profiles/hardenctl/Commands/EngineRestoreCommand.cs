using System.CommandLine;
using Runtime.Hardening.Cli.Engines;

namespace Runtime.Hardening.Cli.Commands;

/// <summary>`hardenctl engine restore containerd`: gives back the file as it was, byte for byte.</summary>
internal static class EngineRestoreCommand
{
    private static readonly Option<bool> Force = new("--force") { Description = "Put the original back although somebody changed the file since; that change is lost" };

    private static readonly Option<bool> RemoveOnly = new("--remove-only") { Description = "Keep what others changed in the file, and cut only our entry" };

    private static readonly Option<bool> Restart = new("--restart") { Description = "Restart containerd afterwards (running containers go on running)" };

    public static Command Create()
    {
        Command containerd = new ExampleCommand("containerd", "Put containerd's configuration back as it was; stops with a diff if somebody changed it since",
            "hardenctl engine restore containerd --dry-run", "hardenctl engine restore containerd --restart", "hardenctl engine restore containerd --remove-only")
        {
            EngineCommands.Config, EngineCommands.Containerd, EngineCommands.Root, EngineCommands.DryRun, Force, RemoveOnly, Restart,
        };
        containerd.SetAction(parsed => EngineCommands.Guard(parsed, () => Run(parsed)));
        return new Command("restore", "Take the hook out from under an engine") { containerd };
    }

    private static int Run(ParseResult parsed)
    {
        bool force = parsed.GetValue(Force);
        bool removeOnly = parsed.GetValue(RemoveOnly);
        if (force && removeOnly)
        {
            throw EngineException.Failed("--force drops what others changed and --remove-only keeps it: give one of them.");
        }

        bool dryRun = parsed.GetValue(EngineCommands.DryRun);
        ContainerdEngine engine = new(
            new NodePaths(parsed.GetValue(EngineCommands.Root)!), new ContainerdProgram(parsed.GetValue(EngineCommands.Containerd)!), parsed.GetValue(EngineCommands.Config)!, TimeProvider.System);
        TextWriter people = parsed.InvocationConfiguration.Error;
        if (engine.Restore(force, removeOnly, dryRun) is not { } diff)
        {
            people.WriteLine("hardenctl has not changed containerd's configuration on this node; nothing to restore.");
            return 0;
        }

        if (dryRun)
        {
            parsed.InvocationConfiguration.Output.Write(diff);
            return 0;
        }

        if (diff.Length > 0 && parsed.GetValue(Restart))
        {
            EngineRestart.Containerd();
        }

        people.WriteLine(diff.Length == 0 ? "The file was back at its original already; the stored copy was removed."
            : removeOnly ? "Our entry was cut out of containerd's configuration." : "containerd's configuration is as it was before, byte for byte.");
        people.WriteLine(diff.Length == 0 ? "" : parsed.GetValue(Restart) ? "containerd was restarted." : "containerd has to be restarted before it forgets the entry.");
        return 0;
    }
}
