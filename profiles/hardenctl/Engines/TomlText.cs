using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Runtime.Hardening.Cli.Engines;

/// <summary>
/// A TOML file as written, with the position of every table and key. Edits are made to the text at these positions, never by
/// writing the tree out again: comments, order and formatting belong to whoever wrote the file.
/// </summary>
internal sealed class TomlText
{
    private readonly List<TomlTable> _tables = [];
    private readonly List<TomlKey> _keys = [];

    private TomlText(string path, string text)
    {
        Path = path;
        Text = text;
        Newline = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
    }

    public string Path { get; }

    public string Text { get; }

    /// <summary>What ends a line in this file: CR LF if it uses that anywhere, else LF.</summary>
    public string Newline { get; }

    /// <summary>The values, without positions.</summary>
    public Dictionary<string, object> Tree { get; private set; } = [];

    /// <exception cref="EngineException">The text is not TOML; the message has file, line and column.</exception>
    public static TomlText Parse(string text, string path)
    {
        DocumentSyntax document = SyntaxParser.Parse(text, path, true);
        if (document.HasErrors)
        {
            string first = document.Diagnostics.First(d => d.Kind == DiagnosticMessageKind.Error).ToString();
            throw EngineException.Failed($"{first}. Expected TOML: mend that place, then run this again.");
        }

        TomlText toml = new(path, text);
        toml.Index(document);
        toml.Tree = TomlTree.Build(document);
        return toml;
    }

    /// <summary>The key with this full path (tables and dotted keys are the same thing here), or null.</summary>
    public TomlKey? FindKey(params ReadOnlySpan<string> path)
    {
        foreach (TomlKey key in _keys)
        {
            if (path.SequenceEqual(key.Path))
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>The table that a header of its own opens, or null: a table can also exist through its sub-tables only.</summary>
    public TomlTable? FindTable(params ReadOnlySpan<string> path)
    {
        foreach (TomlTable table in _tables)
        {
            if (path.SequenceEqual(table.Path))
            {
                return table;
            }
        }

        return null;
    }

    /// <summary>All tables at or under this path, in the order of the file.</summary>
    public IEnumerable<TomlTable> TablesUnder(string[] path) => _tables.Where(t => StartsWith(t.Path, path));

    /// <summary>True if any header or key of the file mentions this path or something under it.</summary>
    public bool Declares(params string[] path) => _tables.Any(t => StartsWith(t.Path, path)) || _keys.Any(k => StartsWith(k.Path, path));

    /// <summary>The inline table that holds this path, which TOML forbids to extend from outside, or null.</summary>
    public TomlKey? InlineAround(string[] path) => _keys.FirstOrDefault(k => k.IsInlineTable && StartsWith(path, k.Path));

    private static bool StartsWith(string[] path, string[] prefix) => path.Length >= prefix.Length && path.AsSpan(0, prefix.Length).SequenceEqual(prefix);

    private void Index(DocumentSyntax document)
    {
        foreach (KeyValueSyntax pair in document.KeyValues)
        {
            AddKey([], pair);
        }

        TableSyntaxBase[] tables = [.. document.Tables];
        for (int i = 0; i < tables.Length; i++)
        {
            string[] path = TomlTree.PathOf(tables[i].Name!);
            // A table reaches to the next header; comments that stand right above that header belong to the header's table, not to this one.
            int start = tables[i].OpenBracket!.Span.Start.Offset;
            int lastLine = tables[i].Items.ChildrenCount == 0
                ? tables[i].CloseBracket!.Span.End.Offset
                : tables[i].Items.GetChild(tables[i].Items.ChildrenCount - 1)!.Value!.Span.End.Offset;
            int headerEnd = LineEnd(tables[i].CloseBracket!.Span.End.Offset);
            _tables.Add(new TomlTable(path, LineStart(start), headerEnd, LineEnd(lastLine), LineNumber(start)));
            foreach (KeyValueSyntax pair in tables[i].Items)
            {
                AddKey(path, pair);
            }
        }
    }

    private void AddKey(string[] table, KeyValueSyntax pair)
    {
        SourceSpan value = pair.Value!.Span;
        string[] path = [.. table, .. TomlTree.PathOf(pair.Key!)];
        int start = pair.Key!.Span.Start.Offset;
        _keys.Add(new TomlKey(path, LineStart(start), value.Start.Offset, value.End.Offset + 1, LineEnd(value.End.Offset), LineNumber(start), pair.Value is InlineTableSyntax));
    }

    private int LineStart(int offset) => offset == 0 ? 0 : Text.LastIndexOf('\n', offset - 1) + 1;

    private int LineEnd(int offset)
    {
        int newline = offset >= Text.Length ? -1 : Text.IndexOf('\n', offset);
        return newline < 0 ? Text.Length : newline + 1;
    }

    private int LineNumber(int offset) => Text.AsSpan(0, offset).Count('\n') + 1;
}

/// <summary>A table header and the lines of its keys, as half-open ranges of characters.</summary>
internal sealed record TomlTable(string[] Path, int Start, int HeaderEnd, int End, int Line);

/// <summary>A key: the range of its value, and of the whole lines it stands on.</summary>
internal sealed record TomlKey(string[] Path, int LineStart, int ValueStart, int ValueEnd, int LineEnd, int Line, bool IsInlineTable);
