using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Runtime.Hardening.Collector.Catalog;

/// <summary>The table of metrics for people and for programs.</summary>
internal static class CatalogPrinter
{
    internal static string Json(MetricRow[] rows) => JsonSerializer.Serialize(rows, CatalogJson.Default.MetricRowArray) + "\n";

    internal static string Table(MetricRow[] rows)
    {
        List<string[]> lines = [["METRIC", "UNIT", "KIND", "ATTRIBUTES", "FROM"], .. rows.Select(Cells)];
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length))];
        var text = new StringBuilder();
        foreach (string[] line in lines)
        {
            text.AppendLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return text.ToString();
    }

    private static string[] Cells(MetricRow row) =>
    [
        row.Name, row.Unit, row.Kind, string.Join(' ', row.Attributes.Select(pair => $"{pair.Key}={pair.Value}")),
        row.From.Length == 0 ? "counted by hardeningd" : string.Join(' ', row.From.Select((source, i) => Cell(source, i == 0))),
    ];

    private static string Cell(MetricSource source, bool isFirst)
    {
        string sign = source.Factor < 0 ? "- " : isFirst ? "" : "+ ";
        string factor = Math.Abs(source.Factor) == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" * {Math.Abs(source.Factor)}");
        return $"{sign}{source.File}{(source.Key.Length > 0 ? $" {source.Key}" : "")}{factor}";
    }
}
