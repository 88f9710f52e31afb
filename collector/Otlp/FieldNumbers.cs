namespace Runtime.Hardening.Collector.Otlp;

/// <summary>Field numbers of opentelemetry-proto v1 (common, resource, metrics, logs and their collector services).</summary>
internal static class FieldNumbers
{
    internal static class Request { internal const int Resources = 1; }

    internal static class ResourceItems { internal const int Resource = 1, Scopes = 2; }

    internal static class Resource { internal const int Attributes = 1; }

    internal static class ScopeItems { internal const int Scope = 1, Items = 2; }

    internal static class Scope { internal const int Name = 1, Version = 2; }

    internal static class Metric { internal const int Name = 1, Description = 2, Unit = 3, Gauge = 5, Sum = 7; }

    internal static class Data { internal const int Points = 1, Temporality = 2, Monotonic = 3; }

    internal static class Point { internal const int Start = 2, Time = 3, AsDouble = 4, AsInt = 6, Attributes = 7, Flags = 8; }

    internal static class KeyValue { internal const int Key = 1, Value = 2; }

    internal static class AnyValue { internal const int String = 1, Bool = 2, Int = 3, Double = 4, Array = 5; }

    internal static class ArrayValue { internal const int Values = 1; }

    internal static class LogRecord
    {
        internal const int Time = 1, SeverityNumber = 2, SeverityText = 3, Body = 5, Attributes = 6, ObservedTime = 11, EventName = 12;
    }

    /// <summary>ExportMetricsServiceResponse and ExportLogsServiceResponse agree in these.</summary>
    internal static class Response { internal const int PartialSuccess = 1, Rejected = 1, Message = 2; }
}
