using System.Text.Json.Serialization;

namespace Runtime.Hardening.Collector.Catalog;

/// <summary>A part of a metric's value: a number in a file, times a factor.</summary>
/// <param name="File">In the container's cgroup, an absolute path, or `now`.</param>
/// <param name="Format">The file's grammar: single, cpuMax, flat, pressure, io, clock or stat.</param>
/// <param name="Key">The key; empty in a file of one value.</param>
/// <param name="Factor">From the file's unit to the metric's, negative where it is taken away.</param>
internal sealed record MetricSource(string File, string Format, string Key, double Factor);

/// <summary>One metric with one set of attributes, and where its values come from.</summary>
/// <param name="Name">As OTLP carries it.</param>
/// <param name="Unit">UCUM.</param>
/// <param name="Kind">counter, upDownCounter or gauge.</param>
/// <param name="Type">int or double.</param>
/// <param name="Resource">container, or node.</param>
/// <param name="Attributes">`*`: a series for each value that occurs.</param>
/// <param name="From">Added up, and never below 0; empty for what the daemon counts itself.</param>
/// <param name="Description">A sentence.</param>
internal sealed record MetricRow(
    string Name, string Unit, string Kind, string Type, string Resource, IReadOnlyDictionary<string, string> Attributes, MetricSource[] From, string Description);

/// <summary>JSON of the table.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(MetricRow[]))]
internal sealed partial class CatalogJson : JsonSerializerContext;
