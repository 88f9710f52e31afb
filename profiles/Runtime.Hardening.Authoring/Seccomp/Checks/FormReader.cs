using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>Takes words, numbers and lists out of a profile, and says what stands there instead.</summary>
internal sealed class FormReader(LintReport report)
{
    public LintReport Report => report;

    /// <summary>Null when the field is absent or wrong.</summary>
    public string? Word(JObject value, string field, string[] words, bool required)
    {
        if (value[field] is { } token)
        {
            return OneOf(token, words) ? (string)token! : null;
        }

        if (required)
        {
            Missing(value, field, $" with one of {string.Join(", ", words)}");
        }

        return null;
    }

    public bool OneOf(JToken token, string[] words)
    {
        if (Text(token, $"one of {string.Join(", ", words)}") is not { } text)
        {
            return false;
        }

        if (!words.Contains(text))
        {
            report.Error("unknown-value", token.Place(), $"'{Shorten(text)}' is not known here, expected one of {string.Join(", ", words)}.{DidYouMean.Sentence(text, words)}");
            return false;
        }

        return true;
    }

    /// <summary>Null when the field is absent or no whole number up to the largest.</summary>
    public ulong? Number(JObject value, string field, ulong largest, bool required = false)
    {
        switch (value[field])
        {
            case null:
                if (required)
                {
                    Missing(value, field, "");
                }

                return null;
            case JValue { Value: ulong number } when number <= largest:
                return number;
            case { } token:
                WrongType(token, $"a whole number from 0 to {largest}");
                return null;
        }
    }

    public string? Text(JToken token, string expected)
    {
        if (token is JValue { Type: JTokenType.String, Value: string { Length: > 0 } text })
        {
            return text;
        }

        WrongType(token, expected);
        return null;
    }

    public JArray List(JObject value, string field)
    {
        if (value[field] is JArray list)
        {
            return list;
        }

        if (value[field] is { Type: not JTokenType.Null } other)
        {
            WrongType(other, "a list");
        }

        return [];
    }

    /// <summary>Members that a runtime written in Go would take for one of ours, and crun would not.</summary>
    public void SecondSpellings(JObject value, IEnumerable<string> known)
    {
        foreach (JProperty property in value.Properties())
        {
            if (known.FirstOrDefault(k => k != property.Name && SpecKeys.Clashes(property.Name, k)) is { } meant)
            {
                report.Error("second-spelling", property.Place(), $"'{property.Name}' is a second spelling of '{meant}': runc reads it as that, and crun ignores it. Write '{meant}'.");
            }
        }
    }

    public void Missing(JObject value, string field, string with)
        => report.Error("missing-field", value.Place(), $"'{field}' is missing. Add it{with}.");

    public void WrongType(JToken token, string expected) => report.Error("wrong-type", token.Place(), $"Expected {expected}, but this is {Kind(token)}.");

    private static string Kind(JToken token) => token.Type switch
    {
        JTokenType.Object => "an object",
        JTokenType.Array => "a list",
        JTokenType.Null => "null",
        JTokenType.String => $"the text '{Shorten((string)token!)}'",
        _ => Shorten(token.ToCompactText()),
    };

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "...");
}
