using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Yaml;

/// <summary>A value in a YAML document, with the place where it stands.</summary>
internal abstract record YamlNode(SourceLocation Location)
{
    /// <summary>What a person would call it, for messages.</summary>
    public abstract string Kind { get; }
}

/// <summary>A text. <paramref name="IsPlain"/>: written without quotes, so it may be a number, a truth value or nothing.</summary>
internal sealed record YamlScalar(SourceLocation Location, string Text, bool IsPlain) : YamlNode(Location)
{
    /// <summary>Nothing was written: an empty value, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => IsPlain && (Text is "" or "~" or "null" or "Null" or "NULL");

    /// <summary>A plain whole number, as YAML 1.2 writes them.</summary>
    public bool IsNumber => IsPlain && Text.Length > 0 && double.TryParse(Text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _);

    /// <summary>A plain truth value, also in the YAML 1.1 spellings that other tools read as one.</summary>
    public bool IsTruthLike => IsPlain && (Text.ToUpperInvariant() is "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF");

    public override string Kind => IsNull ? "empty" : IsNumber ? $"the number {Text}" : IsTruthLike ? $"the truth value {Text}" : $"the text '{Shorten(Text)}'";

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "...");
}

/// <summary>A list.</summary>
internal sealed record YamlSequence(SourceLocation Location, IReadOnlyList<YamlNode> Items) : YamlNode(Location)
{
    public override string Kind => "a list";
}

/// <summary>Keys with values. No key stands twice: the tree builder has reported and dropped the later one.</summary>
internal sealed record YamlMapping(SourceLocation Location, IReadOnlyList<KeyValuePair<YamlScalar, YamlNode>> Entries) : YamlNode(Location)
{
    public override string Kind => "a mapping";

    public YamlNode? Find(string key)
    {
        foreach ((YamlScalar name, YamlNode value) in Entries)
        {
            if (name.Text == key)
            {
                return value;
            }
        }

        return null;
    }
}
