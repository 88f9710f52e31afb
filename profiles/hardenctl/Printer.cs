using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Runtime.Hardening.Authoring.Findings;
using Spectre.Console;

namespace Runtime.Hardening.Cli;

/// <summary>Writes tables, JSON and findings. Cells are plain text; a terminal never gets control characters out of a spec.</summary>
internal static class Printer
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A table for a terminal; into a pipe or a file, the same with tabs and one line a row, which grep and cut can use.</summary>
    public static void Table(TextWriter output, string[] columns, IEnumerable<string[]> rows)
    {
        if (output == Console.Error ? Console.IsErrorRedirected : Console.IsOutputRedirected)
        {
            output.WriteLine(string.Join('\t', columns.Select(c => Visible(c))));
            foreach (string[] row in rows)
            {
                output.WriteLine(string.Join('\t', row.Select(c => Visible(c))));
            }

            return;
        }

        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(Visible(column), new Style(decoration: Decoration.Bold))));
        }

        foreach (string[] row in rows)
        {
            table.AddRow(row.Select(cell => new Text(Visible(cell))));   // never markup: cells come from specs
        }

        // Spectre looks at NO_COLOR and TERM itself.
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }).Write(table);
    }

    /// <summary>Without control characters: an annotation may hold an escape sequence, and a file's name a line break.</summary>
    public static string Visible(string text, bool isOneLine = true) => string.Concat(text.Select(c => char.IsControl(c) && (isOneLine || c is not ('\n' or '\t')) ? ' ' : c));

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
            output.WriteLine(Visible(finding.ToString()));
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
