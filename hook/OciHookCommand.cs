using System.Text;
using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.Hook;

/// <summary>
/// The hook as an OCI hook instead of in the runtime's place. No runtime has these words as verbs, and they count as the very first argument only: a
/// container may be called what it likes.
/// </summary>
internal static class OciHookCommand
{
    /// <summary>What <c>oci-hook</c> is called with to be the gate.</summary>
    public const string Role = "oci-hook";

    /// <summary>Podman's filter stage; a role of its own, and a stage of <see cref="Role"/> too.</summary>
    public const string Precreate = "precreate";

    // The command line is at fault; 1 is a refusal.
    private const int WrongUse = 2;

    private const string Usage =
        "expected 'oci-hook createRuntime' or 'oci-hook prestart' (the gate: the container's state on standard input), or 'precreate' "
        + "(Podman's filter: config.json on standard input)";

    /// <summary>Whether the command line asks for this role and not for the runtime's.</summary>
    public static bool IsAskedFor(string[] args) => args is [Role or Precreate, ..];

    /// <summary>Does it and gives the exit code.</summary>
    public static int Run(string[] args)
    {
        (string stage, string problem) = Stage(args);
        if (problem.Length > 0)
        {
            RuntimeError.WriteToStandardError(problem);
            return WrongUse;
        }

        FileSizeSignal.Ignore();
        HookSettings settings;
        try
        {
            settings = HookSettings.Load();
        }
        catch (Exception e)
        {
            RuntimeError.WriteToStandardError(HookCommand.MessageOf(e, string.Join(' ', args)));
            return 1;
        }

        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var node = new HookNode(settings, new JournalWriter(settings.Node.Journal), new RecordStore(settings.Node.StateDirectory), now);
        var entry = new JournalEntry { Time = now, Verb = stage == Precreate ? Precreate : "gate" };
        try
        {
            byte[] input = new Descriptor(0).ReadToEnd("standard input", 64 * 1024);
            if (stage == Precreate)
            {
                // Since Podman 5 it is the bundle, and before it wherever the user stands, who may have removed it: then the spec alone must tell the container.
                byte[] output = OciHookPrecreate.Harden(input, Folders.Current(), node, ref entry);
                new Descriptor(1).Write(output, "standard output");
            }
            else
            {
                OciHookGate.Check(input, node, ref entry);
            }

            return 0;
        }
        catch (Exception e)
        {
            string message = HookCommand.MessageOf(e, string.Join(' ', args));
            node.Journal.Append(entry with { Decision = JournalDecision.Refuse, Message = message });
            RuntimeError.WriteToStandardError(message);
            return 1;
        }
    }

    /// <summary>The stage that the arguments name, or what is wrong with them.</summary>
    internal static (string Stage, string Problem) Stage(string[] args)
    {
        string[] words = args is [Role, ..] ? args[1..] : args;
        if (words.Length == 0)
        {
            return ("", $"'{Role}' without a stage; {Usage}");
        }

        return words[0] switch
        {
            _ when words.Length > 1 => ("", $"'{words[1]}' is one word too many after '{words[0]}'; {Usage}"),
            "createRuntime" or "prestart" or Precreate => (words[0], ""),
            "createContainer" => ("", NoUse(words[0], "it runs in the container's mount namespace, where the records of hardening-hook cannot be seen")),
            "startContainer" => ("", NoUse(words[0], "it runs inside the container, confined like it, where neither records nor config.json can be seen")),
            "poststart" => ("", NoUse(words[0], "it runs after the container was started (crun), and its failure may be no more than a warning")),
            "poststop" => ("", NoUse(words[0], "the container is gone by then")),
            _ => ("", $"'{words[0]}' is no stage that hardening-hook knows; {Usage}"),
        };
    }

    private static string NoUse(string stage, string why) => $"a gate at the stage {stage} would hold nothing: {why}; use createRuntime";
}
