using System.Globalization;
using System.Text.Json;

namespace Runtime.Hardening.Profiles.Journal;

/// <summary>The JSON form of <see cref="JournalEntry"/> and of a segment's header.</summary>
internal static class JournalJson
{
    public static byte[] WriteLine(JournalEntry entry)
    {
        var writer = new JsonText(1024);
        writer.OpenObject();
        writer.Member("v"u8, (ulong)JournalEntry.Version);
        writer.Member("time"u8, entry.Time);
        writer.Member("id"u8, entry.Id);
        writer.Member("verb"u8, entry.Verb);
        writer.Member("decision"u8, entry.Decision);
        writer.Member("engine"u8, entry.Engine);
        writer.Member("root"u8, entry.Root);
        writer.Member("bundle"u8, entry.Bundle);
        writer.Member("generation"u8, entry.Generation);
        writer.Member("policies"u8, entry.Policies);
        if (entry.Facts is { } facts)
        {
            writer.OpenObject("facts"u8);
            writer.Member("namespace"u8, facts.Namespace);
            writer.Member("pod"u8, facts.Pod);
            writer.Member("container"u8, facts.Container);
            writer.Member("image"u8, facts.Image);
            writer.Member("sandbox"u8, facts.Sandbox);
            writer.Member("privileged"u8, facts.Privileged);
            writer.CloseObject();
        }

        writer.OpenArray("changes"u8);
        foreach (JournalChange change in entry.Changes)
        {
            writer.OpenObject();
            writer.Member("path"u8, change.Path);
            writer.Member("rule"u8, change.Rule);
            writer.Member("policy"u8, change.Policy);
            writer.Member("before"u8, change.Before);
            writer.Member("after"u8, change.After);
            writer.CloseObject();
        }

        writer.CloseArray();
        writer.OpenArray("findings"u8);
        foreach (JournalFinding finding in entry.Findings)
        {
            writer.OpenObject();
            writer.Member("rule"u8, finding.Rule);
            writer.Member("policy"u8, finding.Policy);
            writer.Member("outcome"u8, finding.Outcome);
            writer.Member("message"u8, finding.Message);
            writer.CloseObject();
        }

        writer.CloseArray();
        if (entry.Weaker)
        {
            writer.Member("weaker"u8, true);
        }

        writer.Member("message"u8, entry.Message);
        writer.CloseObject();
        writer.Append("\n"u8);
        return writer.ToArray();
    }

    public static bool TryRead(ReadOnlySpan<byte> line, out JournalEntry entry)
    {
        entry = new JournalEntry();
        ulong version = 0;
        var reader = new Utf8JsonReader(line);
        JsonMembers.Open(ref reader, "a journal line");
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "v":
                    version = JsonMembers.Unsigned(ref reader, name);
                    break;
                case "time":
                    string time = JsonMembers.Text(ref reader, name);
                    entry = entry with { Time = DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) };
                    break;
                case "id":
                    entry = entry with { Id = JsonMembers.Text(ref reader, name) };
                    break;
                case "verb":
                    entry = entry with { Verb = JsonMembers.Text(ref reader, name) };
                    break;
                case "decision":
                    entry = entry with { Decision = JsonMembers.Text(ref reader, name) };
                    break;
                case "engine":
                    entry = entry with { Engine = JsonMembers.Text(ref reader, name) };
                    break;
                case "root":
                    entry = entry with { Root = JsonMembers.Text(ref reader, name) };
                    break;
                case "bundle":
                    entry = entry with { Bundle = JsonMembers.Text(ref reader, name) };
                    break;
                case "generation":
                    entry = entry with { Generation = JsonMembers.Text(ref reader, name) };
                    break;
                case "policies":
                    entry = entry with { Policies = JsonMembers.Texts(ref reader, name) };
                    break;
                case "facts":
                    entry = entry with { Facts = ReadFacts(ref reader) };
                    break;
                case "changes":
                    entry = entry with { Changes = ReadChanges(ref reader) };
                    break;
                case "findings":
                    entry = entry with { Findings = ReadFindings(ref reader) };
                    break;
                case "weaker":
                    entry = entry with { Weaker = JsonMembers.Flag(ref reader, name) };
                    break;
                case "message":
                    entry = entry with { Message = JsonMembers.Text(ref reader, name) };
                    break;
                default:
                    JsonMembers.Skip(ref reader);
                    break;
            }
        }

        return version == JournalEntry.Version;
    }

    private static JournalFacts ReadFacts(ref Utf8JsonReader reader)
    {
        var facts = new JournalFacts("", "", "", "", false, false);
        JsonMembers.Open(ref reader, "facts");
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "namespace":
                    facts = facts with { Namespace = JsonMembers.Text(ref reader, name) };
                    break;
                case "pod":
                    facts = facts with { Pod = JsonMembers.Text(ref reader, name) };
                    break;
                case "container":
                    facts = facts with { Container = JsonMembers.Text(ref reader, name) };
                    break;
                case "image":
                    facts = facts with { Image = JsonMembers.Text(ref reader, name) };
                    break;
                case "sandbox":
                    facts = facts with { Sandbox = JsonMembers.Flag(ref reader, name) };
                    break;
                case "privileged":
                    facts = facts with { Privileged = JsonMembers.Flag(ref reader, name) };
                    break;
                default:
                    JsonMembers.Skip(ref reader);
                    break;
            }
        }

        return facts;
    }

    private static JournalChange[] ReadChanges(ref Utf8JsonReader reader)
    {
        var changes = new List<JournalChange>();
        JsonMembers.OpenArray(ref reader, "changes");
        while (JsonMembers.NextObject(ref reader, "changes"))
        {
            Dictionary<string, string> texts = ReadTexts(ref reader);
            changes.Add(new JournalChange(
                texts.GetValueOrDefault("path", ""), texts.GetValueOrDefault("rule", ""), texts.GetValueOrDefault("policy", ""),
                texts.GetValueOrDefault("before", ""), texts.GetValueOrDefault("after", "")));
        }

        return [.. changes];
    }

    private static JournalFinding[] ReadFindings(ref Utf8JsonReader reader)
    {
        var findings = new List<JournalFinding>();
        JsonMembers.OpenArray(ref reader, "findings");
        while (JsonMembers.NextObject(ref reader, "findings"))
        {
            Dictionary<string, string> texts = ReadTexts(ref reader);
            findings.Add(new JournalFinding(
                texts.GetValueOrDefault("rule", ""), texts.GetValueOrDefault("policy", ""), texts.GetValueOrDefault("outcome", ""),
                texts.GetValueOrDefault("message", "")));
        }

        return [.. findings];
    }

    // Only the daemon and hardenctl read the journal, so a dictionary costs nobody's container anything.
    private static Dictionary<string, string> ReadTexts(ref Utf8JsonReader reader)
    {
        var texts = new Dictionary<string, string>();
        while (JsonMembers.Next(ref reader, out string name))
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                texts[name] = reader.GetString()!;
            }
            else
            {
                reader.Skip();
            }
        }

        return texts;
    }
}
