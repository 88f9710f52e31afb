using System.Text.Json;

namespace Runtime.Hardening.Profiles.Journal;

/// <summary>One decision of the hook: one line of the journal (ARCHITECTURE.md, "Journal"). It never holds values of env or argv.</summary>
public sealed record JournalEntry
{
    /// <summary>The version this program writes.</summary>
    public const int Version = 1;

    /// <summary>When the decision was made.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The container's id, or empty when the command line had none.</summary>
    public string Id { get; init; } = "";

    /// <summary>create, run, restore, exec or update.</summary>
    public string Verb { get; init; } = "";

    /// <summary>allow, unmatched, refuse or passThrough: see <see cref="JournalDecision"/>.</summary>
    public string Decision { get; init; } = "";

    /// <summary>containerd, docker, podman, cri-o or unknown.</summary>
    public string Engine { get; init; } = "";

    /// <summary>The runtime's state root.</summary>
    public string Root { get; init; } = "";

    /// <summary>The bundle as the engine named it; empty for an exec or update.</summary>
    public string Bundle { get; init; } = "";

    /// <summary>The generation that decided, <c>builtin</c>, or empty.</summary>
    public string Generation { get; init; } = "";

    /// <summary>The policies that matched.</summary>
    public string[] Policies { get; init; } = [];

    /// <summary>What is known of the container; null for an exec or update.</summary>
    public JournalFacts? Facts { get; init; }

    /// <summary>What was changed.</summary>
    public JournalChange[] Changes { get; init; } = [];

    /// <summary>What was found and not changed, or why not.</summary>
    public JournalFinding[] Findings { get; init; } = [];

    /// <summary>Whether an Exemption loosened the engine's spec.</summary>
    public bool Weaker { get; init; }

    /// <summary>A sentence for people; may be empty for an allow.</summary>
    public string Message { get; init; } = "";

    /// <summary>The line's bytes, newline included.</summary>
    public byte[] WriteLine() => JournalJson.WriteLine(this);

    /// <summary>Reads a line without its newline. False when it is no entry of a version this program knows; a follower counts it and goes on.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out JournalEntry entry)
    {
        try
        {
            return JournalJson.TryRead(line, out entry);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            entry = new JournalEntry();
            return false;
        }
    }
}

/// <summary>The spellings of <see cref="JournalEntry.Decision"/>.</summary>
public static class JournalDecision
{
    /// <summary>Policies matched and were applied.</summary>
    public const string Allow = "allow";

    /// <summary>No policy matched; the container is as the engine described it.</summary>
    public const string Unmatched = "unmatched";

    /// <summary>The container or process was refused.</summary>
    public const string Refuse = "refuse";

    /// <summary>Paused, broken or given up by onError: the message says which.</summary>
    public const string PassThrough = "passThrough";
}

/// <summary>What the hook knows of a container from its spec and command line.</summary>
/// <param name="Namespace">Pod namespace, or empty.</param>
/// <param name="Pod">Pod name, or empty.</param>
/// <param name="Container">Container name, or empty.</param>
/// <param name="Image">Image as the engine wrote it, or empty.</param>
/// <param name="Sandbox">Whether it is a pause container.</param>
/// <param name="Privileged">Whether it looks privileged.</param>
public sealed record JournalFacts(string Namespace, string Pod, string Container, string Image, bool Sandbox, bool Privileged);

/// <summary>One field that was changed.</summary>
/// <param name="Path">As in the OCI specification: <c>process.noNewPrivileges</c>.</param>
/// <param name="Rule">Which rule asked for it.</param>
/// <param name="Policy">Which policies asked for it, comma-separated.</param>
/// <param name="Before">A short form of what stood there.</param>
/// <param name="After">A short form of what stands there now.</param>
public sealed record JournalChange(string Path, string Rule, string Policy, string Before, string After);

/// <summary>One finding.</summary>
/// <param name="Rule">Which rule made it.</param>
/// <param name="Policy">Whose demand it is about.</param>
/// <param name="Outcome">report, refuse, audit or error.</param>
/// <param name="Message">A sentence.</param>
public sealed record JournalFinding(string Rule, string Policy, string Outcome, string Message);
