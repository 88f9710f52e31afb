namespace Runtime.Hardening.Collector.Otlp;

/// <summary>
/// A fixed list of attributes that knows its protobuf bytes, as `KeyValue` fields of a given number, because most
/// sets are written again every interval.
/// </summary>
internal sealed class AttributeSet
{
    internal static readonly AttributeSet Empty = new([]);

    private byte[]? _onPoint;
    private byte[]? _onResource;

    internal AttributeSet(IReadOnlyList<TelemetryAttribute> attributes) => Attributes = attributes;

    internal AttributeSet(string key, string value) : this([new(key, value)]) { }

    internal AttributeSet(string key, string value, string key2, string value2) : this([new(key, value), new(key2, value2)]) { }

    internal IReadOnlyList<TelemetryAttribute> Attributes { get; }

    /// <summary>The bytes to append inside a NumberDataPoint.</summary>
    internal ReadOnlySpan<byte> OnPoint => _onPoint ??= Encode(FieldNumbers.Point.Attributes);

    /// <summary>The bytes to append inside a Resource.</summary>
    internal ReadOnlySpan<byte> OnResource => _onResource ??= Encode(FieldNumbers.Resource.Attributes);

    internal static void Write(ProtobufWriter writer, int field, in TelemetryAttribute attribute)
    {
        int keyValue = writer.Open(field);
        writer.String(FieldNumbers.KeyValue.Key, attribute.Key);
        int value = writer.Open(FieldNumbers.KeyValue.Value);
        WriteValue(writer, attribute.Value);
        writer.Close(value);
        writer.Close(keyValue);
    }

    private static void WriteValue(ProtobufWriter writer, in AttributeValue value)
    {
        switch (value.Kind)
        {
            case AttributeKind.Text:
                writer.String(FieldNumbers.AnyValue.String, value.Text);
                break;
            case AttributeKind.Integer:
                writer.UInt(FieldNumbers.AnyValue.Int, (ulong)value.Integer);
                break;
            case AttributeKind.Truth:
                writer.UInt(FieldNumbers.AnyValue.Bool, value.Truth ? 1u : 0u);
                break;
            case AttributeKind.TextList:
                int array = writer.Open(FieldNumbers.AnyValue.Array);
                foreach (string text in value.TextList)
                {
                    int item = writer.Open(FieldNumbers.ArrayValue.Values);
                    writer.String(FieldNumbers.AnyValue.String, text);
                    writer.Close(item);
                }

                writer.Close(array);
                break;
        }
    }

    private byte[] Encode(int field)
    {
        var writer = new ProtobufWriter();
        foreach (TelemetryAttribute attribute in Attributes)
        {
            Write(writer, field, attribute);
        }

        return writer.Written.ToArray();
    }
}
