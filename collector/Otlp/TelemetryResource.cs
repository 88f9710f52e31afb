namespace Runtime.Hardening.Collector.Otlp;

/// <summary>Whose telemetry it is: one container, or the node. Written as one ResourceMetrics or ResourceLogs.</summary>
internal sealed class TelemetryResource(IReadOnlyList<TelemetryAttribute> attributes)
{
    internal AttributeSet Attributes { get; } = new(attributes);

    /// <summary>The value of a text attribute, or null.</summary>
    internal string? Text(string key)
    {
        foreach (TelemetryAttribute attribute in Attributes.Attributes)
        {
            if (attribute.Key == key && attribute.Value.Kind == AttributeKind.Text)
            {
                return attribute.Value.Text;
            }
        }

        return null;
    }
}
