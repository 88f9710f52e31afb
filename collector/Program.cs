using System.CommandLine;
using Runtime.Hardening.Collector;
using Runtime.Hardening.Collector.Catalog;
using Runtime.Hardening.Collector.Settings;

var config = new Option<string>("--config") { Description = "Settings file (default: /etc/hardening/collector.json, and its being missing means defaults; a file named here must be there).", HelpName = "FILE" };
var once = new Option<bool>("--once") { Description = "Read everything once, export it and exit: 0 fine, 2 could not." };
var command = new RootCommand(
    """
    Node daemon of Runtime.Hardening: cgroup figures, container events, decisions of the hook and what the kernel says of each
    container, over OTLP.

    Without OTEL_EXPORTER_OTLP_ENDPOINT everything is written as OTLP JSON lines to /var/lib/hardening/telemetry.

    Examples:
      hardeningd
      hardeningd --once --config ./collector.json
      OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 hardeningd
      OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 OTEL_EXPORTER_OTLP_PROTOCOL=grpc hardeningd
      hardeningd metrics
      curl --unix-socket /run/hardening/hardeningd.sock http://localhost/v1/containers
    """)
{
    config, once,
};
command.SetAction((parsed, cancellation) => Start.RunAsync(parsed.GetValue(config), parsed.GetValue(once), cancellation));

var output = new Option<string>("--output") { Description = "table or json.", HelpName = "FORMAT", DefaultValueFactory = _ => "table" };
output.AcceptOnlyFromAmong("table", "json");
var metrics = new Command("metrics", "Print every metric that is sent: unit, kind, attributes, and the file and key it comes from.") { output };
metrics.SetAction(parsed => Console.Out.Write(parsed.GetValue(output) == "json" ? CatalogPrinter.Json(MetricCatalog.Rows) : CatalogPrinter.Table(MetricCatalog.Rows)));
command.Add(metrics);
return await command.Parse(args).InvokeAsync();
