using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Runtime.Hardening.Authoring.Findings;
using Spectre.Console;

namespace Runtime.Hardening.Cli;

/// <summary>Writes tables, JSON and findings. Tables have no colours and no frames that a pipe would have to carry.</summary>
internal static class Printer
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A table; rows hold plain text, so nothing in them is taken for markup.</summary>
    public static void Table(TextWriter output, string[] columns, IEnumerable<string[]> rows)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }

        foreach (string[] row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 240;   // a pipe has no width, and broken rows are no use to grep
        }

        console.Write(table);
    }

    public static void Json(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, s_indented))
        {
            write(json);
        }

        output.WriteLine(Encoding.UTF8.GetString(bytes.ToArray()));
    }

    public static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>One line a finding, as editors and CI know them from compilers.</summary>
    public static void Findings(TextWriter output, LintReport report)
    {
        foreach (LintFinding finding in report.Findings)
        {
            output.WriteLine(finding);
        }

        if (report.Dropped > 0)
        {
            output.WriteLine($"... and {report.Dropped} more.");
        }
    }

    public static void FindingsJson(TextWriter output, LintReport report) => Json(output, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("findings");
        foreach (LintFinding finding in report.Findings)
        {
            json.WriteStartObject();
            json.WriteString("severity", finding.Severity == LintSeverity.Error ? "error" : "warning");
            json.WriteString("code", finding.Code);
            json.WriteString("file", finding.Location.File);
            json.WriteNumber("line", finding.Location.Line);
            json.WriteNumber("column", finding.Location.Column);
            json.WriteString("message", finding.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("dropped", report.Dropped);
        json.WriteEndObject();
    });

    public static TextWriter Out(ParseResult parsed) => parsed.InvocationConfiguration.Output;

    public static TextWriter Say(ParseResult parsed) => parsed.InvocationConfiguration.Error;
}
