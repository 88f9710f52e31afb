using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Runtime.Hardening.Profiles.Journal;

/// <summary>The JSON form of <see cref="JournalEntry"/> and of a segment's header.</summary>
internal static class JournalJson
{
    public static byte[] WriteLine(JournalEntry entry)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteNumber("v"u8, JournalEntry.Version);
        writer.WriteString("time"u8, entry.Time.UtcDateTime);
        writer.WriteString("id"u8, entry.Id);
        writer.WriteString("verb"u8, entry.Verb);
        writer.WriteString("decision"u8, entry.Decision);
        writer.WriteString("engine"u8, entry.Engine);
        writer.WriteString("root"u8, entry.Root);
        writer.WriteString("bundle"u8, entry.Bundle);
        writer.WriteString("generation"u8, entry.Generation);
        writer.WriteStartArray("policies"u8);
        foreach (string policy in entry.Policies)
        {
            writer.WriteStringValue(policy);
        }

        writer.WriteEndArray();
        if (entry.Facts is { } facts)
        {
            writer.WriteStartObject("facts"u8);
            writer.WriteString("namespace"u8, facts.Namespace);
            writer.WriteString("pod"u8, facts.Pod);
            writer.WriteString("container"u8, facts.Container);
            writer.WriteString("image"u8, facts.Image);
            writer.WriteBoolean("sandbox"u8, facts.Sandbox);
            writer.WriteBoolean("privileged"u8, facts.Privileged);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("changes"u8);
        foreach (JournalChange change in entry.Changes)
        {
            writer.WriteStartObject();
            writer.WriteString("path"u8, change.Path);
            writer.WriteString("rule"u8, change.Rule);
            writer.WriteString("policy"u8, change.Policy);
            writer.WriteString("before"u8, change.Before);
            writer.WriteString("after"u8, change.After);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("findings"u8);
        foreach (JournalFinding finding in entry.Findings)
        {
            writer.WriteStartObject();
            writer.WriteString("rule"u8, finding.Rule);
            writer.WriteString("policy"u8, finding.Policy);
            writer.WriteString("outcome"u8, finding.Outcome);
            writer.WriteString("message"u8, finding.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (entry.Weaker)
        {
            writer.WriteBoolean("weaker"u8, true);
        }

        writer.WriteString("message"u8, entry.Message);
        writer.WriteEndObject();
        writer.Flush();
        output.Write("\n"u8);
        return output.WrittenSpan.ToArray();
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
        while (JsonMembers.NextElement(ref reader))
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
        while (JsonMembers.NextElement(ref reader))
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
