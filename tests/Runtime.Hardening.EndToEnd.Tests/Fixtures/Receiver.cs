using System.Net;
using System.Net.Sockets;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>The real OpenTelemetry Collector on loopback, which prints all it receives.</summary>
public sealed class Receiver : IDisposable
{
    private static readonly Lazy<string> s_program = new(FindProgram);
    private readonly string _folder = Directory.CreateTempSubdirectory("hardening-test-otelcol-").FullName;
    private readonly string _settings;
    private Background? _collector;
    private string _before = "";
    private readonly int _grpcPort = FreePort();
    private readonly int _httpPort = FreePort();

    public Receiver()
    {
        _settings = Path.Combine(_folder, "otelcol.yaml");
        File.WriteAllText(_settings, $$"""
            receivers:
              otlp:
                protocols:
                  grpc: { endpoint: "127.0.0.1:{{_grpcPort}}" }
                  http: { endpoint: "127.0.0.1:{{_httpPort}}" }
            exporters:
              debug: { verbosity: detailed, use_internal_logger: false }
            service:
              telemetry: { metrics: { level: none } }
              pipelines:
                metrics: { receivers: [otlp], exporters: [debug] }
                logs: { receivers: [otlp], exporters: [debug] }
                traces: { receivers: [otlp], exporters: [debug] }
            """);
        ComeBack();
    }

    /// <summary>Ends it: connections to its ports are refused from now on. What it received is kept.</summary>
    public void GoAway()
    {
        _before = Log;
        _collector?.Dispose();
        _collector = null;
    }

    /// <summary>Starts it on the same ports.</summary>
    public void ComeBack() => _collector = new Background(s_program.Value, ["--config", $"file:{_settings}"]);

    public Received Received => Received.Parse(Log);

    public string Log => _before + _collector?.Log;

    /// <summary>The standard variables that point a sender here.</summary>
    /// <param name="protocol">grpc or http/protobuf, as in OTEL_EXPORTER_OTLP_PROTOCOL.</param>
    public Dictionary<string, string> Variables(string protocol) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{(protocol == "grpc" ? _grpcPort : _httpPort)}",
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
    };

    public Task ReadyAsync() => Wait.UntilAsync(
        () => Log.Contains("Everything is ready", StringComparison.Ordinal), TimeSpan.FromSeconds(20), () => $"the OpenTelemetry Collector did not start:\n{Log}");

    public void Dispose()
    {
        _collector?.Dispose();
        Remains.Remove(_folder);
    }

    private static string FindProgram()
    {
        string? built = Environment.GetEnvironmentVariable("OTELCOL");
        return string.IsNullOrEmpty(built)
            ? Command.Run(Path.Combine(Published.Repository, "tests/receiver/build.sh"), [], patience: TimeSpan.FromMinutes(10)).Succeeded().Text.Trim()
            : built;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
