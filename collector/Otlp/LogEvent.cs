namespace Runtime.Hardening.Collector.Otlp;

/// <summary>Severity numbers of the OpenTelemetry log data model.</summary>
internal enum Severity { Info = 9, Warn = 13, Error = 17 }

/// <summary>One log record with an event name.</summary>
/// <param name="Resource">The container or node it is about.</param>
/// <param name="EventName">Dotted, of low cardinality.</param>
/// <param name="Severity">How bad.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Observed">When this program learned of it.</param>
/// <param name="Body">A sentence for people.</param>
/// <param name="Attributes">The details, for machines.</param>
internal sealed record LogEvent(
    TelemetryResource Resource, string EventName, Severity Severity, DateTimeOffset Time, DateTimeOffset Observed, string Body,
    IReadOnlyList<TelemetryAttribute> Attributes);

/// <summary>Time as OTLP counts it.</summary>
internal static class UnixNano
{
    /// <summary>Nanoseconds since 1970; 0 for times before, which OTLP reads as unknown.</summary>
    internal static ulong From(DateTimeOffset time) => (ulong)Math.Max(0, (time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100);
}
