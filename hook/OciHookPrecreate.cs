using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook;

/// <summary>
/// Podman's <c>precreate</c> stage: config.json in, hardened config.json out, before any runtime runs. Podman decodes what we give and writes its own
/// bytes. An exec does not pass this stage, so only a hardened runtime entry holds execs to the record that is left here.
/// </summary>
internal static class OciHookPrecreate
{
    private const int IdLength = 64;

    /// <summary>The config.json to go on with.</summary>
    /// <param name="input">The engine's proposal.</param>
    /// <param name="folder">The current folder: since Podman 5 the bundle, before it wherever the user is; empty where it is gone.</param>
    /// <param name="node">The node.</param>
    /// <param name="entry">The journal line to be.</param>
    /// <exception cref="Refusal">The container must not start.</exception>
    /// <exception cref="HardeningFormatException">The spec cannot be read, or something of ours cannot be written.</exception>
    public static byte[] Harden(byte[] input, string folder, HookNode node, ref JournalEntry entry)
    {
        byte[] output = input;
        string id = IdOf(input, folder, out string unreadable);
        bool isBundle = folder.EndsWith($"/{id}/userdata", StringComparison.Ordinal);
        entry = entry with { Id = id, Bundle = isBundle ? folder : "" };
        if (id.Length == 0)
        {
            string why = unreadable.Length > 0 ? unreadable : $"standard input does not tell which container it is about: linux.cgroupsPath does not end with an id of {IdLength} hex digits, and the "
                + $"current folder {(folder.Length > 0 ? $"'{folder}' is no container's" : "is gone")}; only Podman calls this stage, and its containers need a cgroup of their own";
            string pause = Pause.InForce(node.Settings.Path, node.Now) ?? throw new Refusal(why);
            node.Journal.Append(entry with { Decision = JournalDecision.PassThrough, Message = $"{pause}. The container would have been refused: {why}" });
            return input;   // no record: it would be nobody's, and stay for ever
        }

        if (Pause.InForce(node.Settings.Path, node.Now) is null)
        {
            RefuseWhatFollows(input);
        }

        var container = new StartingContainer
        {
            // Podman names no root to the runtime, neither at create nor at exec.
            GivenRoot = "",
            Root = "",
            Id = id,
            Bundle = entry.Bundle,
            Folder = isBundle ? SpecFile.FolderOf(folder) : (0, 0),
            Runtime = node.Settings.Node.RuntimeFor(FactsReader.EngineOf("", "")),
            Spec = input,
            Replace = bytes => output = bytes,
            KeepsBytes = false,
        };
        CreateCommand.Harden(container, node, ref entry);
        return output;
    }

    // A reader of one value would stop there and a reader of all of the input would not: what the second one sees we have not hardened.
    private static void RefuseWhatFollows(byte[] input)
    {
        ReadOnlySpan<byte> rest = input.AsSpan(ContainerSpec.Parse(input).Place(SpecPath.Document).End.Value..).Trim(" \t\r\n"u8);
        if (!rest.IsEmpty)
        {
            throw new Refusal($"{rest.Length} bytes follow the JSON document on standard input; only one config.json was expected there, as Podman writes it");
        }
    }

    // The cgroup's name is Podman's own, whatever its parent: "/parent/libpod-ID", "slice:libpod:ID". A user may stand in any folder.
    private static string IdOf(byte[] input, string folder, out string unreadable)
    {
        string cgroup = unreadable = "";
        try
        {
            cgroup = ContainerSpec.Parse(input).Text(SpecPath.CgroupsPath) ?? "";
        }
        catch (HardeningFormatException e)
        {
            unreadable = e.Message;   // refused in a moment; or passed through, if the node is paused
        }

        if (LastId(cgroup) is { } named)
        {
            return named;
        }

        string[] parts = folder.Split('/');
        return parts is [.., var id, "userdata"] && id == LastId(id) ? id : "";
    }

    private static string? LastId(string text)
    {
        string end = text[^Math.Min(IdLength, text.Length)..];
        return end.Length == IdLength && end.All(char.IsAsciiHexDigitLower) ? end : null;
    }
}
