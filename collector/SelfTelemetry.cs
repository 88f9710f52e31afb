using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Runtime.Hardening.Collector.Otlp;
using Runtime.Hardening.Collector.Settings;

namespace Runtime.Hardening.Collector;

/// <summary>The daemon's own logs and process metrics, by the OpenTelemetry SDK, when an endpoint is set.</summary>
internal static class SelfTelemetry
{
    private const string MeterName = "Runtime.Hardening.Collector.Process";

    internal static void Add(HostApplicationBuilder builder, OtlpSettings otlp)
    {
        if (otlp.SdkDisabled || (otlp.Metrics is null && otlp.Logs is null))
        {
            return;
        }

        // The SDK reads OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME by itself, and those win over this.
        OpenTelemetry.OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.Clear().AddService("hardeningd", serviceVersion: ProtobufEncoding.ScopeVersion).AddEnvironmentVariableDetector());
        if (otlp.Metrics is { } metrics)
        {
            AddMeter();
            telemetry.WithMetrics(meters => meters.AddMeter(MeterName).AddMeter("System.Runtime").AddOtlpExporter(exporter => Configure(exporter, metrics)));
        }

        if (otlp.Logs is { } logs)
        {
            telemetry.WithLogging(logging => logging.AddOtlpExporter(exporter => Configure(exporter, logs)), options => options.IncludeFormattedMessage = true);
        }
    }

    // Explicitly, because we default to http/protobuf as the specification does, and the SDK to gRPC.
    private static void Configure(OtlpExporterOptions exporter, OtlpTarget target)
    {
        exporter.Endpoint = target.Endpoint;
        exporter.Protocol = target.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        exporter.TimeoutMilliseconds = (int)target.Timeout.TotalMilliseconds;
        exporter.Headers = string.Join(',', target.Headers.Select(header => $"{Uri.EscapeDataString(header.Key)}={Uri.EscapeDataString(header.Value)}"));
    }

    private static void AddMeter()
    {
        var meter = new Meter(MeterName); // lives as long as the process
        meter.CreateObservableCounter("process.cpu.time", () =>
        {
            using var self = Process.GetCurrentProcess();
            return new Measurement<double>[]
            {
                new(self.UserProcessorTime.TotalSeconds, new KeyValuePair<string, object?>("cpu.mode", "user")),
                new(self.PrivilegedProcessorTime.TotalSeconds, new KeyValuePair<string, object?>("cpu.mode", "system")),
            };
        }, "s", "CPU time of the daemon.");
        meter.CreateObservableUpDownCounter("process.memory.usage", () => Environment.WorkingSet, "By", "Memory of the daemon.");
        meter.CreateObservableGauge("process.uptime", () =>
        {
            using var self = Process.GetCurrentProcess();
            return (DateTime.Now - self.StartTime).TotalSeconds;
        }, "s", "Time since the daemon started.");
    }
}
