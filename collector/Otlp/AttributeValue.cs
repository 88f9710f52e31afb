namespace Runtime.Hardening.Collector.Otlp;

/// <summary>The kinds of value an attribute of ours may have.</summary>
internal enum AttributeKind { Text, Integer, Truth, TextList }

/// <summary>An OTLP attribute value: text, integer, boolean or a list of texts.</summary>
internal readonly record struct AttributeValue
{
    private readonly object? _reference;
    private readonly long _number;

    private AttributeValue(AttributeKind kind, object? reference, long number) => (Kind, _reference, _number) = (kind, reference, number);

    internal AttributeKind Kind { get; }

    internal string Text => (string)_reference!;

    internal long Integer => _number;

    internal bool Truth => _number != 0;

    internal IReadOnlyList<string> TextList => (IReadOnlyList<string>)_reference!;

    public static implicit operator AttributeValue(string value) => new(AttributeKind.Text, value, 0);

    public static implicit operator AttributeValue(long value) => new(AttributeKind.Integer, null, value);

    public static implicit operator AttributeValue(bool value) => new(AttributeKind.Truth, null, value ? 1 : 0);

    public static implicit operator AttributeValue(string[] value) => new(AttributeKind.TextList, value, 0);

    /// <summary>The value as a person would write it.</summary>
    public override string ToString() => Kind switch
    {
        AttributeKind.Text => Text,
        AttributeKind.Integer => Integer.ToString(System.Globalization.CultureInfo.InvariantCulture),
        AttributeKind.Truth => Truth ? "true" : "false",
        _ => string.Join(", ", TextList),
    };
}

/// <summary>A named <see cref="AttributeValue"/>.</summary>
internal readonly record struct TelemetryAttribute(string Key, AttributeValue Value);
