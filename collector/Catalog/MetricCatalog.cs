using System.Text;
using Runtime.Hardening.Collector.Cgroups;
using Runtime.Hardening.Collector.Node;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Catalog;

/// <summary>Every metric that this program sends of containers and of its node, made from the very tables that it reads by.</summary>
internal static class MetricCatalog
{
    private const string Each = "*";

    internal static MetricRow[] Rows { get; } = [.. Containers(), .. Nodes()];

    private static IEnumerable<MetricRow> Containers()
    {
        foreach (CgroupFile file in Files)
        {
            foreach (CgroupValue value in file.Values.Where(value => value.Series is not null))
            {
                yield return Row(value.Series!, [Source(file, value, value.Scale)]);
            }

            foreach ((string key, MetricDefinition metric, string? direction) in file.Format == FileFormat.Io ? IoSeries.Keys : [])
            {
                yield return Row(new(metric, IoSeries.Attributes(direction, Each)), [new(file.Name, Spelling(file.Format), key, 1)]);
            }
        }

        foreach (ComputedValue value in CgroupTable.Computed)
        {
            yield return Row(value.Series, [.. Sources(value.Terms, 1)]);
        }

        yield return Row(CgroupTable.UptimeSeries, [new("now", "clock", "", 1), new("/proc/PID/stat", "stat", "starttime", -1)]);
    }

    private static IEnumerable<MetricRow> Nodes() => NodeMetrics.All.Select(item =>
        Row(item.Metric, "node", item.Attributes.ToDictionary(key => key, _ => Each), []));

    private static IEnumerable<CgroupFile> Files => CgroupTable.Files.Prepend(CgroupTable.Existence);

    private static IEnumerable<MetricSource> Sources((Ingredient Ingredient, int Sign)[] terms, int sign)
    {
        foreach ((Ingredient ingredient, int own) in terms)
        {
            if (CgroupTable.Computed.FirstOrDefault(value => value.Ingredient == ingredient) is { } computed)
            {
                foreach (MetricSource source in Sources(computed.Terms, sign * own))
                {
                    yield return source;
                }

                continue;
            }

            CgroupFile file = Files.Single(file => file.Values.Any(value => value.Ingredient == ingredient));
            yield return Source(file, file.Values.Single(value => value.Ingredient == ingredient), sign * own);
        }
    }

    private static MetricSource Source(CgroupFile file, CgroupValue value, double factor) =>
        new(file.Name, Spelling(file.Format), Encoding.UTF8.GetString(value.Key), factor);

    private static MetricRow Row(Series series, MetricSource[] from) =>
        Row(series.Metric, "container", series.Attributes.Attributes.ToDictionary(a => a.Key, a => a.Value.ToString()), from);

    private static MetricRow Row(MetricDefinition metric, string resource, IReadOnlyDictionary<string, string> attributes, MetricSource[] from) => new(
        metric.Name, metric.Unit, metric.Kind switch { MetricKind.Counter => "counter", MetricKind.Gauge => "gauge", _ => "upDownCounter" },
        metric.IsDouble ? "double" : "int", resource, attributes, from, metric.Description);

    private static string Spelling(FileFormat format) => format switch
    {
        FileFormat.Single => "single",
        FileFormat.CpuMax => "cpuMax",
        FileFormat.Flat => "flat",
        FileFormat.Pressure => "pressure",
        _ => "io",
    };
}
