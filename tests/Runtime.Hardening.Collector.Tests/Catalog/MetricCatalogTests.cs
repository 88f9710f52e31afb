using System.Reflection;
using System.Text.Json;
using Runtime.Hardening.Collector.Catalog;
using Runtime.Hardening.Collector.Cgroups;
using Runtime.Hardening.Collector.Node;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Tests.Catalog;

public class MetricCatalogTests
{
    [Fact]
    public void Every_metric_that_is_defined_is_in_the_table()
    {
        MetricDefinition[] defined = [.. new[] { typeof(CgroupMetrics), typeof(NodeMetrics) }
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.NonPublic)).Select(field => field.GetValue(null)).OfType<MetricDefinition>()];
        Assert.True(defined.Length > 30);
        Assert.All(defined, metric => Assert.Contains(MetricCatalog.Rows, row => row.Name == metric.Name && row.Unit == metric.Unit));
    }

    [Fact]
    public void No_series_stands_there_twice() => Assert.Equal(
        MetricCatalog.Rows.Length, MetricCatalog.Rows.Select(row => string.Join(' ', [row.Name, .. row.Attributes.Select(a => $"{a.Key}={a.Value}")])).Distinct().Count());

    [Fact]
    public void Every_metric_of_a_container_names_its_files() =>
        Assert.All(MetricCatalog.Rows.Where(row => row.Resource == "container"), row => Assert.NotEmpty(row.From));

    [Fact]
    public void A_computed_metric_is_told_by_the_files_it_comes_from()
    {
        MetricRow available = Assert.Single(MetricCatalog.Rows, row => row.Name == "container.memory.available");
        Assert.Equal(
            [new("memory.max", "single", "", 1), new("memory.current", "single", "", -1), new("memory.stat", "flat", "inactive_file", 1)], available.From);
        Assert.Contains("memory.max - memory.current + memory.stat inactive_file", CatalogPrinter.Table([available]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_json_is_for_programs()
    {
        using JsonDocument document = JsonDocument.Parse(CatalogPrinter.Json(MetricCatalog.Rows));
        JsonElement time = document.RootElement.EnumerateArray().First(row =>
            row.GetProperty("name").GetString() == "container.cpu.time" && row.GetProperty("attributes").GetProperty("cpu.mode").GetString() == "user");
        Assert.Equal(("s", "counter", "double"), (time.GetProperty("unit").GetString(), time.GetProperty("kind").GetString(), time.GetProperty("type").GetString()));
        JsonElement from = time.GetProperty("from")[0];
        Assert.Equal(("cpu.stat", "flat", "user_usec"), (from.GetProperty("file").GetString(), from.GetProperty("format").GetString(), from.GetProperty("key").GetString()));
        Assert.Equal(1e-6, from.GetProperty("factor").GetDouble());
    }
}
