namespace Runtime.Hardening.Collector.Otlp;

/// <summary>Writes batches as OTLP protobuf. The other encoding is <see cref="JsonEncoding"/>.</summary>
internal static class ProtobufEncoding
{
    internal const string ScopeName = "Runtime.Hardening.Collector";

    private const ulong Cumulative = 2;
    private const ulong NoRecordedValue = 1;

    internal static readonly string ScopeVersion = typeof(ProtobufEncoding).Assembly.GetName().Version?.ToString(3) ?? "0";

    private static readonly byte[] s_scope = EncodeScope();

    /// <summary>Appends one ResourceMetrics to an ExportMetricsServiceRequest. The points must be sorted by metric.</summary>
    internal static void Append(ProtobufWriter writer, TelemetryResource resource, MetricBatch batch)
    {
        int resourceMetrics = OpenResource(writer, resource);
        int scopeMetrics = OpenScope(writer);
        ReadOnlySpan<MetricPoint> points = batch.Points;
        for (int i = 0; i < points.Length;)
        {
            MetricDefinition metric = points[i].Series.Metric;
            int open = writer.Open(FieldNumbers.ScopeItems.Items);
            writer.Bytes(metric.Head);
            int data = writer.Open(metric.Kind == MetricKind.Gauge ? FieldNumbers.Metric.Gauge : FieldNumbers.Metric.Sum);
            for (; i < points.Length && ReferenceEquals(points[i].Series.Metric, metric); i++)
            {
                Append(writer, points[i], batch);
            }

            if (metric.Kind != MetricKind.Gauge)
            {
                writer.UInt(FieldNumbers.Data.Temporality, Cumulative);
                if (metric.Kind == MetricKind.Counter)
                {
                    writer.UInt(FieldNumbers.Data.Monotonic, 1);
                }
            }

            writer.Close(data);
            writer.Close(open);
        }

        writer.Close(scopeMetrics);
        writer.Close(resourceMetrics);
    }

    /// <summary>Appends one ResourceLogs, with events that share a resource, to an ExportLogsServiceRequest.</summary>
    internal static void Append(ProtobufWriter writer, TelemetryResource resource, ReadOnlySpan<LogEvent> events)
    {
        int resourceLogs = OpenResource(writer, resource);
        int scopeLogs = OpenScope(writer);
        foreach (LogEvent item in events)
        {
            int record = writer.Open(FieldNumbers.ScopeItems.Items);
            writer.Fixed(FieldNumbers.LogRecord.Time, UnixNano.From(item.Time));
            writer.UInt(FieldNumbers.LogRecord.SeverityNumber, (ulong)item.Severity);
            writer.String(FieldNumbers.LogRecord.SeverityText, SeverityText(item.Severity));
            int body = writer.Open(FieldNumbers.LogRecord.Body);
            writer.String(FieldNumbers.AnyValue.String, item.Body);
            writer.Close(body);
            foreach (TelemetryAttribute attribute in item.Attributes)
            {
                AttributeSet.Write(writer, FieldNumbers.LogRecord.Attributes, attribute);
            }

            writer.Fixed(FieldNumbers.LogRecord.ObservedTime, UnixNano.From(item.Observed));
            writer.String(FieldNumbers.LogRecord.EventName, item.EventName);
            writer.Close(record);
        }

        writer.Close(scopeLogs);
        writer.Close(resourceLogs);
    }

    internal static string SeverityText(Severity severity) => severity switch
    {
        Severity.Info => "INFO",
        Severity.Warn => "WARN",
        _ => "ERROR",
    };

    private static void Append(ProtobufWriter writer, in MetricPoint point, MetricBatch batch)
    {
        int open = writer.Open(FieldNumbers.Data.Points);
        writer.Bytes(point.Series.Attributes.OnPoint);
        if (point.Series.Metric.Kind != MetricKind.Gauge)
        {
            writer.Fixed(FieldNumbers.Point.Start, batch.StartTime);
        }

        writer.Fixed(FieldNumbers.Point.Time, batch.Time);
        if (batch.Ended)
        {
            writer.UInt(FieldNumbers.Point.Flags, NoRecordedValue);
        }
        else if (point.Series.Metric.IsDouble)
        {
            writer.Double(FieldNumbers.Point.AsDouble, point.AsDouble);
        }
        else
        {
            writer.Fixed(FieldNumbers.Point.AsInt, (ulong)point.Bits);
        }

        writer.Close(open);
    }

    private static int OpenResource(ProtobufWriter writer, TelemetryResource resource)
    {
        int open = writer.Open(FieldNumbers.Request.Resources);
        writer.Message(FieldNumbers.ResourceItems.Resource, resource.Attributes.OnResource);
        return open;
    }

    private static int OpenScope(ProtobufWriter writer)
    {
        int open = writer.Open(FieldNumbers.ResourceItems.Scopes);
        writer.Message(FieldNumbers.ScopeItems.Scope, s_scope);
        return open;
    }

    private static byte[] EncodeScope()
    {
        var writer = new ProtobufWriter();
        writer.String(FieldNumbers.Scope.Name, ScopeName);
        writer.String(FieldNumbers.Scope.Version, ScopeVersion);
        return writer.Written.ToArray();
    }
}
