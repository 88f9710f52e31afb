using System.Globalization;
using System.Text;

namespace Runtime.Hardening.Cli.Engines;

/// <summary>Writes the few lines of TOML that are ours.</summary>
internal static class TomlWriter
{
    public static string Key(string name)
        => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name : Quote(name);

    public static string Header(params IEnumerable<string> path) => $"[{string.Join('.', path.Select(Key))}]";

    public static string Value(object value) => value switch
    {
        string text => Quote(text),
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => Float(number),
        List<object> list => $"[{string.Join(", ", list.Select(Value))}]",
        Dictionary<string, object> table => $"{{ {string.Join(", ", table.Select(p => $"{Key(p.Key)} = {Value(p.Value)}"))} }}",
        _ => throw new InvalidOperationException($"A {value.GetType().Name} is not a TOML value."),
    };

    /// <summary>Appends a table with its sub-tables, each under a header of its own.</summary>
    public static void Table(StringBuilder output, string[] path, Dictionary<string, object> table, string newline)
    {
        output.Append(Header(path)).Append(newline);
        foreach ((string name, object value) in table.Where(p => p.Value is not Dictionary<string, object>))
        {
            output.Append("  ").Append(Key(name)).Append(" = ").Append(Value(value)).Append(newline);
        }

        foreach ((string name, object value) in table)
        {
            if (value is Dictionary<string, object> inner)
            {
                Table(output, [.. path, name], inner, newline);
            }
        }
    }

    private static string Float(double number)
    {
        string text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    private static string Quote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    quoted.Append('\\').Append(c);
                    break;
                case < ' ' or '\x7f':
                    quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
                    break;
                default:
                    quoted.Append(c);
                    break;
            }
        }

        return quoted.Append('"').ToString();
    }
}
