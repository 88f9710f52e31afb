using System.Text.Json;

namespace Runtime.Hardening.Profiles;

/// <summary>Reading our own JSON files with the framework's UTF-8 reader: each helper checks the token it is about to take and names what it expected.</summary>
internal static class JsonMembers
{
    /// <summary>Takes the opening brace of an object that is the next token.</summary>
    public static void Open(ref Utf8JsonReader reader, string what)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw Unexpected(ref reader, what, "an object");
        }
    }

    /// <summary>Moves to the next member and takes its name. False at the end of the object.</summary>
    public static bool Next(ref Utf8JsonReader reader, out string name)
    {
        if (!reader.Read())
        {
            throw new JsonException("the text ends inside an object");
        }

        name = reader.TokenType == JsonTokenType.PropertyName ? reader.GetString()! : "";
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Moves to the next element of an array and leaves the reader on its first token. False at the end of the array.</summary>
    public static bool NextElement(ref Utf8JsonReader reader)
        => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    /// <summary>Moves to the next element, which must be an object, and leaves the reader on its brace. False at the end of the array.</summary>
    public static bool NextObject(ref Utf8JsonReader reader, string what)
    {
        if (!NextElement(ref reader))
        {
            return false;
        }

        return reader.TokenType == JsonTokenType.StartObject ? true : throw Unexpected(ref reader, what, "an array of objects");
    }

    public static void OpenArray(ref Utf8JsonReader reader, string what)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            throw Unexpected(ref reader, what, "an array");
        }
    }

    public static string Text(ref Utf8JsonReader reader, string what)
        => reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw Unexpected(ref reader, what, "a string");

    public static bool Flag(ref Utf8JsonReader reader, string what)
        => reader.Read() && reader.TokenType is JsonTokenType.True or JsonTokenType.False
            ? reader.GetBoolean()
            : throw Unexpected(ref reader, what, "true or false");

    public static ulong Unsigned(ref Utf8JsonReader reader, string what)
        => reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out ulong value)
            ? value
            : throw Unexpected(ref reader, what, "a whole number from 0 to 18446744073709551615");

    public static string[] Texts(ref Utf8JsonReader reader, string what)
    {
        OpenArray(ref reader, what);
        var texts = new List<string>();
        while (NextElement(ref reader))
        {
            texts.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw Unexpected(ref reader, what, "an array of strings"));
        }

        return [.. texts];
    }

    public static T OneOf<T>(ref Utf8JsonReader reader, string what, params ReadOnlySpan<(string Text, T Value)> choices)
    {
        string text = Text(ref reader, what);
        foreach ((string candidate, T value) in choices)
        {
            if (candidate == text)
            {
                return value;
            }
        }

        string expected = "";
        foreach ((string candidate, _) in choices)
        {
            expected += expected.Length == 0 ? candidate : $", {candidate}";
        }

        throw new JsonException($"'{what}' is '{text}'; expected one of: {expected}");
    }

    public static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    public static JsonException Unknown(string name, string where) => new($"'{name}' is not a member of {where} that this version knows");

    /// <summary>For the token that the reader stands on.</summary>
    public static JsonException Unexpected(ref Utf8JsonReader reader, string what, string expected)
        => new($"'{what}' must be {expected}, but is {JsonKind.Of(reader)}");
}
