namespace Runtime.Hardening.Collector.Otlp;

/// <summary>How a metric's points are to be read.</summary>
internal enum MetricKind
{
    /// <summary>Cumulative monotonic Sum.</summary>
    Counter,

    /// <summary>Cumulative non-monotonic Sum.</summary>
    UpDownCounter,

    /// <summary>Gauge.</summary>
    Gauge,
}

/// <summary>Name, unit, kind and description of a metric, with the protobuf bytes that open it encoded once.</summary>
internal sealed class MetricDefinition
{
    private static int s_count;

    internal MetricDefinition(string name, MetricKind kind, string unit, string description, bool isDouble = false)
    {
        (Name, Kind, Unit, Description, IsDouble) = (name, kind, unit, description, isDouble);
        Order = Interlocked.Increment(ref s_count);
        var writer = new ProtobufWriter();
        writer.String(FieldNumbers.Metric.Name, name);
        writer.String(FieldNumbers.Metric.Description, description);
        writer.String(FieldNumbers.Metric.Unit, unit);
        Head = writer.Written.ToArray();
    }

    internal string Name { get; }

    internal MetricKind Kind { get; }

    /// <summary>UCUM unit, such as `By`, `s` or `{event}`.</summary>
    internal string Unit { get; }

    internal string Description { get; }

    /// <summary>Points carry a double; otherwise a 64-bit integer.</summary>
    internal bool IsDouble { get; }

    /// <summary>Order of definition: points are sorted by it, so that a metric is written once per resource.</summary>
    internal int Order { get; }

    internal byte[] Head { get; }
}

/// <summary>One metric with one set of attributes.</summary>
internal sealed record Series(MetricDefinition Metric, AttributeSet Attributes);

/// <summary>A value of a series. <see cref="Bits"/> is an int64, or the bits of a double, as the metric says.</summary>
internal readonly record struct MetricPoint(Series Series, long Bits)
{
    internal double AsDouble => BitConverter.Int64BitsToDouble(Bits);
}
