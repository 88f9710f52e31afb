using System.Text;
using System.Text.Json;

namespace Runtime.Hardening.Profiles;

/// <summary>What a reader stands on, in words for whoever wrote the document.</summary>
internal static class JsonKind
{
    /// <summary>As it ends "but is ...".</summary>
    public static string Of(in Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => $"the number {Encoding.UTF8.GetString(reader.ValueSpan)}",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        _ => "something else",
    };
}
