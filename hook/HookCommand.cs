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
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        FileSizeSignal.Ignore();
        HookSettings settings;
        try
        {
            settings = HookSettings.Load();
        }
        catch (Exception e)
        {
            // Without settings there is no journal to say it in.
            RuntimeError.Write(arguments, MessageOf(e, arguments.VerbText), now);
            return CodeOf(arguments);
        }

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
            LowLevelRuntime.RefuseCircle(settings.Node.Runtime, arguments);
            (string runtime, IReadOnlyList<string> forwarded, IReadOnlyList<Rlimit> limits) = HardenUnlessPaused(arguments, node, ref entry);
            LowLevelRuntime.Become(runtime, arguments.Given, forwarded, limits);
        }
        catch (Exception e)
        {
            string message = MessageOf(e, arguments.VerbText);
            node.Journal.Append(entry with { Decision = JournalDecision.Refuse, Message = message });
            RuntimeError.Write(arguments, message, now);
        }

        return CodeOf(arguments);
    }

    // A pause is how a node is repaired when we are what is wrong with it: a flag of tomorrow's runtime, a spec that we cannot read. Nothing of it is refused.
    private static (string Runtime, IReadOnlyList<string> Arguments, IReadOnlyList<Rlimit> Limits) HardenUnlessPaused(RuntimeArguments arguments, HookNode node, ref JournalEntry entry)
    {
        try
        {
            return Harden(arguments, node, ref entry);
        }
        catch (Exception e) when (Pause.InForce(node.Settings.Path, node.Now) is { } pause)
        {
            node.Journal.Append(entry with
            {
                Decision = JournalDecision.PassThrough, Changes = [], Message = $"{pause}. Otherwise it would have been refused: {MessageOf(e, arguments.VerbText)}",
            });
            return (node.Settings.Node.RuntimeFor(arguments.Engine), arguments.Given, []);
        }
    }

    private static (string Runtime, IReadOnlyList<string> Arguments, IReadOnlyList<Rlimit> Limits) Harden(RuntimeArguments arguments, HookNode node, ref JournalEntry entry)
    {
        string runtime = node.Settings.Node.RuntimeFor(arguments.Engine);
        if (arguments.Verb == RuntimeVerb.Other)
        {
            CommandLineChecks.RefuseHiddenVerb(arguments);
            return (runtime, arguments.All, []);
        }

        CommandLineChecks.RefuseUnclear(arguments);
        UseRootOfEnvironment(arguments, runtime, ref entry);
        if (CommandLineChecks.StartsNothing(arguments))
        {
            return (runtime, CommandLineChecks.Harmless(arguments), []);
        }

        switch (arguments.Verb)
        {
            case RuntimeVerb.Exec:
                return ExecCommand.Harden(arguments, node, ref entry);
            case RuntimeVerb.Update:
                (runtime, IReadOnlyList<string> forwarded) = UpdateCommand.Hold(arguments, node, ref entry);
                return (runtime, forwarded, []);
            default:
                CommandLineChecks.RefuseSecondId(arguments);
                return (CreateCommand.Harden(arguments, node, ref entry), arguments.All, []);
        }
    }

    private static int CodeOf(RuntimeArguments arguments) => arguments.Verb == RuntimeVerb.Exec ? ExecFailed : 1;

    // Of an exception that nobody foresaw the framework would make an abort without a sentence; whatever it is, nothing may start half-hardened.
    internal static string MessageOf(Exception e, string command)
        => e is Refusal or HardeningFormatException
            ? e.Message
            : $"a mistake in hardening-hook stopped '{command}' ({e.GetType().Name}: {e.Message}); please report it. "
                + "'hardenctl node pause' lets containers start meanwhile";

    // Without --root a runtime may take its folder of containers from its environment; records are kept by the folder that it takes.
    private static void UseRootOfEnvironment(RuntimeArguments arguments, string runtime, ref JournalEntry entry)
    {
        if (arguments.GivenRoot is null && RootPath.OfEnvironment(runtime) is { } root)
        {
            arguments.UseRoot(root);
            entry = entry with { Root = root };
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
