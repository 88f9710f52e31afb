using System.Buffers;
using System.Text.Json;

namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>The canonical JSON of a profile: equal profiles give equal bytes, so that hardening a hardened spec changes nothing.</summary>
public static class SeccompWriter
{
    /// <summary>The value of linux.seccomp.</summary>
    public static byte[] Write(SeccompProfile profile)
    {
        var output = new ArrayBufferWriter<byte>(16 * 1024);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteString("defaultAction"u8, profile.Default.ActionText());
        if (profile.Default.TakesErrno)
        {
            writer.WriteNumber("defaultErrnoRet"u8, profile.Default.Errno);
        }

        if (profile.Architectures.Length > 0)
        {
            writer.WriteStartArray("architectures"u8);
            foreach (string architecture in profile.Architectures)
            {
                writer.WriteStringValue(architecture);
            }

            writer.WriteEndArray();
        }

        foreach ((string key, byte[] json) in profile.OtherMembers)
        {
            writer.WritePropertyName(key);
            writer.WriteRawValue(json, skipInputValidation: true);
        }

        writer.WriteStartArray("syscalls"u8);
        WriteRules(writer, profile);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteRules(Utf8JsonWriter writer, SeccompProfile profile)
    {
        string[] names = [.. profile.Outcomes.Keys];
        Array.Sort(names, StringComparer.Ordinal);
        var groups = new SortedDictionary<(SeccompAction, uint), List<string>>();
        foreach (string name in names)
        {
            if (profile.Outcomes[name].Unconditional is { } result)
            {
                if (!groups.TryGetValue((result.Action, result.Errno), out List<string>? group))
                {
                    groups.Add((result.Action, result.Errno), group = []);
                }

                group.Add(name);
            }
        }

        foreach (((SeccompAction action, uint errno), List<string> group) in groups)
        {
            WriteRule(writer, group, new SeccompResult(action, errno), []);
        }

        foreach (string name in names)
        {
            foreach (ConditionalRule rule in profile.Outcomes[name].Conditional)
            {
                WriteRule(writer, [name], rule.Result, rule.Conditions);
            }
        }

        if (profile.NamedOnly.Count > 0)
        {
            WriteRule(writer, [.. profile.NamedOnly.Order(StringComparer.Ordinal)], profile.Default, []);
        }
    }

    private static void WriteRule(Utf8JsonWriter writer, IReadOnlyList<string> names, SeccompResult result, SeccompCondition[] conditions)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("names"u8);
        foreach (string name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
        writer.WriteString("action"u8, result.ActionText());
        if (result.TakesErrno)
        {
            writer.WriteNumber("errnoRet"u8, result.Errno);
        }

        if (conditions.Length > 0)
        {
            writer.WriteStartArray("args"u8);
            foreach (SeccompCondition condition in conditions)
            {
                writer.WriteStartObject();
                writer.WriteNumber("index"u8, condition.Index);
                writer.WriteNumber("value"u8, condition.Value);
                if (condition.ValueTwo != 0)
                {
                    writer.WriteNumber("valueTwo"u8, condition.ValueTwo);
                }

                writer.WriteString("op"u8, condition.Op);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
