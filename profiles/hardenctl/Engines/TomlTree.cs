using Tomlyn.Syntax;

namespace Runtime.Hardening.Cli.Engines;

/// <summary>
/// TOML values as plain dictionaries, lists, strings, booleans and numbers, built from the syntax tree: the package's own object
/// model goes through a serializer, which native compilation has no need of here.
/// </summary>
internal static class TomlTree
{
    public static Dictionary<string, object> Build(DocumentSyntax document)
    {
        Dictionary<string, object> root = [];
        foreach (KeyValueSyntax pair in document.KeyValues)
        {
            Set(root, pair);
        }

        foreach (TableSyntaxBase table in document.Tables)
        {
            Dictionary<string, object> target = table is TableArraySyntax ? Append(root, PathOf(table.Name!)) : Open(root, PathOf(table.Name!));
            foreach (KeyValueSyntax pair in table.Items)
            {
                Set(target, pair);
            }
        }

        return root;
    }

    public static string[] PathOf(KeySyntax key) => [NameOf(key.Key!), .. key.DotKeys.Select(d => NameOf(d.Key!))];

    /// <summary>The table at this path, or null where there is none.</summary>
    public static Dictionary<string, object>? Find(Dictionary<string, object> root, params ReadOnlySpan<string> path)
    {
        Dictionary<string, object>? table = root;
        foreach (string name in path)
        {
            table = table is not null && table.TryGetValue(name, out object? next) ? next as Dictionary<string, object> : null;
        }

        return table;
    }

    /// <summary>Every leaf with its dotted path: two configurations are compared by these.</summary>
    public static SortedDictionary<string, string> Flatten(Dictionary<string, object> root)
    {
        SortedDictionary<string, string> leaves = new(StringComparer.Ordinal);
        Walk(root, "", leaves);
        return leaves;
    }

    private static void Walk(Dictionary<string, object> table, string prefix, SortedDictionary<string, string> leaves)
    {
        foreach ((string name, object value) in table)
        {
            string path = prefix.Length == 0 ? TomlWriter.Key(name) : $"{prefix}.{TomlWriter.Key(name)}";
            if (value is Dictionary<string, object> inner)
            {
                leaves[path] = "{}";
                Walk(inner, path, leaves);
            }
            else
            {
                leaves[path] = TomlWriter.Value(value);
            }
        }
    }

    private static Dictionary<string, object> Open(Dictionary<string, object> from, ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            if (!from.TryGetValue(name, out object? next))
            {
                from[name] = next = new Dictionary<string, object>();
            }

            from = next as Dictionary<string, object> ?? (Dictionary<string, object>)((List<object>)next)[^1];
        }

        return from;
    }

    private static Dictionary<string, object> Append(Dictionary<string, object> root, string[] path)
    {
        Dictionary<string, object> parent = Open(root, path.AsSpan(0, path.Length - 1));
        if (!parent.TryGetValue(path[^1], out object? list))
        {
            parent[path[^1]] = list = new List<object>();
        }

        Dictionary<string, object> item = [];
        ((List<object>)list).Add(item);
        return item;
    }

    private static void Set(Dictionary<string, object> table, KeyValueSyntax pair)
    {
        string[] path = PathOf(pair.Key!);
        Open(table, path.AsSpan(0, path.Length - 1))[path[^1]] = ValueOf(pair.Value!);
    }

    private static object ValueOf(ValueSyntax value)
    {
        switch (value)
        {
            case StringValueSyntax text:
                return text.Value ?? "";
            case BooleanValueSyntax flag:
                return flag.Value;
            case IntegerValueSyntax number:
                return number.Value;
            case FloatValueSyntax number:
                return number.Value;
            case ArraySyntax array:
                return array.Items.Select(i => ValueOf(i.Value!)).ToList();
            case InlineTableSyntax inline:
                Dictionary<string, object> table = [];
                foreach (InlineTableItemSyntax item in inline.Items)
                {
                    Set(table, item.KeyValue!);
                }

                return table;
            default:
                // Dates: containerd has none in its configuration; kept as written, so that a comparison still sees a change.
                return value.ToString()?.Trim() ?? "";
        }
    }

    private static string NameOf(BareKeyOrStringValueSyntax key)
        => key is BareKeySyntax bare ? bare.Key!.Text! : ((StringValueSyntax)key).Value ?? "";
}
