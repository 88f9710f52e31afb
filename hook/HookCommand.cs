using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook;

/// <summary>The hook in the runtime's place: harden what starts a process of a container, become the real runtime for everything.</summary>
internal static class HookCommand
{
    // What runc itself exits with when an exec fails before the process starts; engines tell it from a process's own exit code.
    private const int ExecFailed = 255;

    /// <summary>Does not return after a successful exec of the runtime; as an OCI hook it gives the hook's exit code.</summary>
    public static int Run(string[] args)
    {
        if (OciHookCommand.IsAskedFor(args))
        {
            return OciHookCommand.Run(args);
        }

        RuntimeArguments arguments = RuntimeArguments.Parse(args);
        HookSettings settings = HookSettings.Load();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var node = new HookNode(settings, new JournalWriter(settings.Node.Journal), new RecordStore(settings.Node.StateDirectory), now);
        var entry = new JournalEntry
        {
            Time = now,
            Id = arguments.Id,
            Verb = arguments.VerbText,
            Root = arguments.Root,
            Bundle = arguments.StartsContainer ? arguments.Bundle : "",
        };
        try
        {
            LowLevelRuntime.RefuseCircle(settings.Node.Runtime);
            string runtime = settings.Node.Runtime;
            IReadOnlyList<string> forwarded = arguments.All;
            IReadOnlyList<Rlimit> limits = [];
            if (arguments.StartsContainer)
            {
                RefuseUnknownFlag(arguments);
                RefuseSecondId(arguments);
                runtime = CreateCommand.Harden(arguments, node, ref entry);
            }
            else if (arguments.Verb == RuntimeVerb.Exec)
            {
                RefuseUnknownFlag(arguments);
                (runtime, forwarded, limits) = ExecCommand.Harden(arguments, node, ref entry);
            }
            else if (arguments.Verb == RuntimeVerb.Update)
            {
                RefuseUnknownFlag(arguments);
                (runtime, forwarded) = UpdateCommand.Hold(arguments, node, ref entry);
            }
            else
            {
                runtime = settings.Node.RuntimeFor(FactsReader.EngineOf(arguments.Root, ""));
                RefuseHiddenVerb(arguments);
            }

            LowLevelRuntime.Become(runtime, arguments.All, forwarded, limits);
        }
        catch (Exception e)
        {
            string message = MessageOf(e, arguments.VerbText);
            node.Journal.Append(entry with { Decision = JournalDecision.Refuse, Message = message });
            RuntimeError.Write(arguments, message, now);
        }

        return arguments.Verb == RuntimeVerb.Exec ? ExecFailed : 1;
    }

    // Of an exception that nobody foresaw the framework would make an abort without a sentence; whatever it is, nothing may start half-hardened.
    internal static string MessageOf(Exception e, string command)
        => e is Refusal or HardeningFormatException
            ? e.Message
            : $"a mistake in hardening-hook stopped '{command}' ({e.GetType().Name}: {e.Message}); please report it. "
                + "'hardenctl node pause' lets containers start meanwhile";

    private static void RefuseUnknownFlag(RuntimeArguments arguments)
    {
        if (arguments.UnknownFlag is { } flag)
        {
            throw new Refusal($"'{flag}' is no global flag of a runtime that hardening-hook knows, so it cannot tell where '{arguments.VerbText}' begins");
        }
    }

    // Runtimes take one id. A second one is the value of a flag that we do not know: then the first may be one too, and the record would be another's.
    private static void RefuseSecondId(RuntimeArguments arguments)
    {
        if (arguments.SecondId is { } second)
        {
            throw new Refusal(
                $"'{arguments.VerbText}' has the two arguments '{arguments.Id}' and '{second}' where runtimes take one container id; "
                + "if one is the value of a flag, hardening-hook does not know that flag: write it as --flag=value");
        }
    }

    // After a flag that may or may not take a value, the verb may be another word than the one we found.
    private static void RefuseHiddenVerb(RuntimeArguments arguments)
    {
        if (arguments.UnknownFlag is { } flag && arguments.All.Any(static word => word is "create" or "run" or "restore" or "exec" or "update"))
        {
            throw new Refusal($"'{flag}' is no global flag of a runtime that hardening-hook knows, so it cannot tell which word is the command");
        }
    }
}

/// <summary>What a command works with.</summary>
/// <param name="Settings">The node's settings.</param>
/// <param name="Journal">Where decisions go.</param>
/// <param name="Records">Where the containers' records are.</param>
/// <param name="Now">The time of this call.</param>
internal sealed record HookNode(HookSettings Settings, JournalWriter Journal, RecordStore Records, DateTimeOffset Now)
{
    /// <summary>The host as a process that we start would see it.</summary>
    public HostFacts Host { get; } = new() { InheritedLimit = ResourceLimits.Inherited };
}
