using System.Text.Json;

namespace Runtime.Hardening.Profiles.Spec;

/// <summary>A limit in the form of runtime-spec's process.rlimits[], which our own files use too.</summary>
internal static class RlimitJson
{
    /// <summary>Reads one limit; the reader stands on its opening brace. Members other than the three are skipped, as runtimes do.</summary>
    public static Rlimit Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"an rlimit must be an object, but is {JsonKind.Of(reader)}");
        }

        string? type = null;
        ulong? soft = null, hard = null;
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "type" when type is null:
                    type = JsonMembers.Text(ref reader, name);
                    break;
                case "soft" when soft is null:
                    soft = JsonMembers.Unsigned(ref reader, name);
                    break;
                case "hard" when hard is null:
                    hard = JsonMembers.Unsigned(ref reader, name);
                    break;
                default:
                    // Runtimes disagree on which of two spellings counts, so neither may.
                    if (SpecKeys.Clashes(name, "type") || SpecKeys.Clashes(name, "soft") || SpecKeys.Clashes(name, "hard"))
                    {
                        throw new JsonException($"an rlimit has '{name}' twice or in a second spelling");
                    }

                    JsonMembers.Skip(ref reader);
                    break;
            }
        }

        return new Rlimit(type ?? throw new JsonException("an rlimit has no type"), soft ?? 0, hard ?? 0);
    }

    public static void Write(JsonText writer, Rlimit limit)
    {
        writer.OpenObject();
        writer.Member("type"u8, limit.Type);
        writer.Member("soft"u8, limit.Soft);
        writer.Member("hard"u8, limit.Hard);
        writer.CloseObject();
    }
}
