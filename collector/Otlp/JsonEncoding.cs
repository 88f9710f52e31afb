using System.Globalization;
using System.Text.Json;

namespace Runtime.Hardening.Collector.Otlp;

/// <summary>Writes batches as OTLP JSON: lowerCamelCase names, 64-bit integers as strings, enumerations as numbers.</summary>
internal static class JsonEncoding
{
    /// <summary>Writes a whole ExportMetricsServiceRequest for one resource. The points must be sorted by metric.</summary>
    internal static void Write(Utf8JsonWriter writer, TelemetryResource resource, MetricBatch batch)
    {
        OpenRequest(writer, "resourceMetrics", resource, "scopeMetrics", "metrics");
        ReadOnlySpan<MetricPoint> points = batch.Points;
        for (int i = 0; i < points.Length;)
        {
            MetricDefinition metric = points[i].Series.Metric;
            writer.WriteStartObject();
            writer.WriteString("name"u8, metric.Name);
            writer.WriteString("description"u8, metric.Description);
            writer.WriteString("unit"u8, metric.Unit);
            writer.WriteStartObject(metric.Kind == MetricKind.Gauge ? "gauge"u8 : "sum"u8);
            writer.WriteStartArray("dataPoints"u8);
            for (; i < points.Length && ReferenceEquals(points[i].Series.Metric, metric); i++)
            {
                Write(writer, points[i], batch);
            }

            writer.WriteEndArray();
            if (metric.Kind != MetricKind.Gauge)
            {
                writer.WriteNumber("aggregationTemporality"u8, 2);
                writer.WriteBoolean("isMonotonic"u8, metric.Kind == MetricKind.Counter);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        CloseRequest(writer);
    }

    /// <summary>Writes a whole ExportLogsServiceRequest for events that share a resource.</summary>
    internal static void Write(Utf8JsonWriter writer, TelemetryResource resource, ReadOnlySpan<LogEvent> events)
    {
        OpenRequest(writer, "resourceLogs", resource, "scopeLogs", "logRecords");
        foreach (LogEvent item in events)
        {
            writer.WriteStartObject();
            WriteLong(writer, "timeUnixNano", UnixNano.From(item.Time));
            WriteLong(writer, "observedTimeUnixNano", UnixNano.From(item.Observed));
            writer.WriteNumber("severityNumber"u8, (int)item.Severity);
            writer.WriteString("severityText"u8, ProtobufEncoding.SeverityText(item.Severity));
            writer.WriteString("eventName"u8, item.EventName);
            writer.WriteStartObject("body"u8);
            writer.WriteString("stringValue"u8, item.Body);
            writer.WriteEndObject();
            WriteAttributes(writer, item.Attributes);
            writer.WriteEndObject();
        }

        CloseRequest(writer);
    }

    private static void Write(Utf8JsonWriter writer, in MetricPoint point, MetricBatch batch)
    {
        writer.WriteStartObject();
        WriteAttributes(writer, point.Series.Attributes.Attributes);
        if (point.Series.Metric.Kind != MetricKind.Gauge)
        {
            WriteLong(writer, "startTimeUnixNano", batch.StartTime);
        }

        WriteLong(writer, "timeUnixNano", batch.Time);
        if (batch.Ended)
        {
            writer.WriteNumber("flags"u8, 1);
        }
        else if (point.Series.Metric.IsDouble)
        {
            writer.WriteNumber("asDouble"u8, point.AsDouble);
        }
        else
        {
            Span<byte> text = stackalloc byte[20];
            point.Bits.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
            writer.WriteString("asInt"u8, text[..length]);
        }

        writer.WriteEndObject();
    }

    private static void OpenRequest(Utf8JsonWriter writer, string resources, TelemetryResource resource, string scopes, string items)
    {
        writer.WriteStartObject();
        writer.WriteStartArray(resources);
        writer.WriteStartObject();
        writer.WriteStartObject("resource"u8);
        WriteAttributes(writer, resource.Attributes.Attributes);
        writer.WriteEndObject();
        writer.WriteStartArray(scopes);
        writer.WriteStartObject();
        writer.WriteStartObject("scope"u8);
        writer.WriteString("name"u8, ProtobufEncoding.ScopeName);
        writer.WriteString("version"u8, ProtobufEncoding.ScopeVersion);
        writer.WriteEndObject();
        writer.WriteStartArray(items);
    }

    private static void CloseRequest(Utf8JsonWriter writer)
    {
        writer.WriteEndArray();  // items
        writer.WriteEndObject(); // the one scope
        writer.WriteEndArray();
        writer.WriteEndObject(); // the one resource
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteAttributes(Utf8JsonWriter writer, IReadOnlyList<TelemetryAttribute> attributes)
    {
        if (attributes.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("attributes"u8);
        foreach (TelemetryAttribute attribute in attributes)
        {
            writer.WriteStartObject();
            writer.WriteString("key"u8, attribute.Key);
            writer.WriteStartObject("value"u8);
            WriteValue(writer, attribute.Value);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter writer, in AttributeValue value)
    {
        switch (value.Kind)
        {
            case AttributeKind.Text:
                writer.WriteString("stringValue"u8, value.Text);
                break;
            case AttributeKind.Integer:
                writer.WriteString("intValue"u8, value.Integer.ToString(CultureInfo.InvariantCulture));
                break;
            case AttributeKind.Truth:
                writer.WriteBoolean("boolValue"u8, value.Truth);
                break;
            case AttributeKind.TextList:
                writer.WriteStartObject("arrayValue"u8);
                writer.WriteStartArray("values"u8);
                foreach (string text in value.TextList)
                {
                    writer.WriteStartObject();
                    writer.WriteString("stringValue"u8, text);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
                break;
        }
    }

    private static void WriteLong(Utf8JsonWriter writer, string name, ulong value)
    {
        Span<byte> text = stackalloc byte[20];
        value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        writer.WriteString(name, text[..length]);
    }
}
