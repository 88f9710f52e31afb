using System.Runtime.InteropServices;
using Runtime.Hardening.Collector.Otlp;
using Runtime.Hardening.Collector.Settings;

namespace Runtime.Hardening.Collector.Node;

/// <summary>The node as a resource.</summary>
internal static class NodeIdentity
{
    /// <summary>The node's attributes; OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win.</summary>
    internal static TelemetryResource Node(OtlpSettings otlp)
    {
        Dictionary<string, AttributeValue> attributes = new()
        {
            ["service.name"] = "hardeningd",
            ["service.version"] = ProtobufEncoding.ScopeVersion,
            ["host.name"] = Environment.MachineName,
            ["host.arch"] = RuntimeInformation.OSArchitecture == Architecture.X64 ? "amd64" : RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
            ["os.type"] = "linux",
        };
        if (MachineId() is { } id)
        {
            attributes["host.id"] = id;
        }

        foreach (TelemetryAttribute attribute in otlp.ResourceAttributes)
        {
            attributes[attribute.Key] = attribute.Value;
        }

        if (otlp.ServiceName is { } name)
        {
            attributes["service.name"] = name;
        }

        return new([.. attributes.Select(pair => new TelemetryAttribute(pair.Key, pair.Value))]);
    }

    /// <summary>What every container's resource says of the node it is on.</summary>
    internal static IReadOnlyList<TelemetryAttribute> OnContainers(TelemetryResource node, OtlpSettings otlp)
    {
        string[] configured = [.. otlp.ResourceAttributes.Select(attribute => attribute.Key)];
        return [.. node.Attributes.Attributes.Where(attribute =>
            attribute.Key is "host.name" or "host.id" || (configured.Contains(attribute.Key) && !attribute.Key.StartsWith("service.", StringComparison.Ordinal)))];
    }

    private static string? MachineId()
    {
        try
        {
            return File.ReadAllText("/etc/machine-id").Trim() is { Length: > 0 } id ? id : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // images without one exist; the attribute is left out
        }
    }
}
