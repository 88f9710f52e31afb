using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>Reads spec.match: a list of clauses, any of which may match.</summary>
internal static class MatchReader
{
    /// <summary>Everything that may stand in a clause.</summary>
    public static readonly string[] Fields =
        ["engines", "engineNamespaces", "namespaces", "pods", "names", "images", "hostnames", "annotations", "containers", "privileged"];

    public static object? Read(ValueReader values, YamlNode node)
    {
        MatchClause[]? clauses = values.List(node, "a list of clauses", item => Clause(values, item));
        if (clauses is [])
        {
            values.Report.Error("empty-list", node.Location, "An empty 'match' is ambiguous. Remove it to match every container, or set 'mode: off' to match none.");
        }

        return clauses;
    }

    private static MatchClause? Clause(ValueReader values, YamlNode node)
    {
        if (node is not YamlMapping mapping)
        {
            values.WrongType(node, "a clause such as {namespaces: [\"web-*\"]}");
            return null;
        }

        MatchClause clause = new();
        foreach ((YamlScalar key, YamlNode value) in mapping.Entries)
        {
            switch (key.Text)
            {
                case "engines":
                    clause = clause with { Engines = Engines(values, value) };
                    break;
                case "engineNamespaces":
                    clause = clause with { EngineNamespaces = values.Globs(value) ?? [] };
                    break;
                case "namespaces":
                    clause = clause with { Namespaces = values.Globs(value) ?? [] };
                    break;
                case "pods":
                    clause = clause with { Pods = values.Globs(value) ?? [] };
                    break;
                case "names":
                    clause = clause with { Names = values.Globs(value) ?? [] };
                    break;
                case "images":
                    clause = clause with { Images = values.Globs(value) ?? [] };
                    break;
                case "hostnames":
                    clause = clause with { Hostnames = values.Globs(value) ?? [] };
                    break;
                case "annotations":
                    clause = clause with { Annotations = Annotations(values, value) };
                    break;
                case "containers":
                    clause = clause with { Containers = values.Choice(value, Words.Containers) is { } word ? Words.Kinds(word) : ContainerKinds.Workload };
                    break;
                case "privileged":
                    clause = clause with { Privileged = values.Truth(value) as bool? };
                    break;
                default:
                    values.Report.Error("unknown-field", key.Location,
                        $"Unknown field '{key.Text}' in a clause of match, expected one of {string.Join(", ", Fields)}.{DidYouMean.Sentence(key.Text, Fields)}");
                    break;
            }
        }

        return clause;
    }

    private static string[] Engines(ValueReader values, YamlNode node)
    {
        string[] globs = values.Globs(node) ?? [];
        foreach (string glob in globs.Where(g => !Words.Engines.Any(e => Glob.IsMatch(g, e))))
        {
            values.Report.Error("unknown-engine", node.Location,
                $"'{glob}' matches none of the engines that are told apart: {string.Join(", ", Words.Engines)}.{DidYouMean.Sentence(glob, Words.Engines)}");
        }

        return globs;
    }

    private static KeyValuePair<string, string>[] Annotations(ValueReader values, YamlNode node)
    {
        if (node is not YamlMapping mapping)
        {
            values.WrongType(node, "annotation keys with globs over their values");
            return [];
        }

        if (mapping.Entries.Count == 0)
        {
            values.Report.Error("empty-list", node.Location, "No annotation is named. Remove the field, or name one.");
        }

        List<KeyValuePair<string, string>> annotations = [];
        foreach ((YamlScalar key, YamlNode value) in mapping.Entries)
        {
            if (key.Text.Length == 0 || key.Text.Contains('*'))
            {
                values.Report.Error("bad-annotation", key.Location, $"'{key.Text}' is not an annotation key: expected the exact key. Only values take globs.");
            }
            else if (values.GlobText(value, absolute: false) is { } glob)
            {
                annotations.Add(new(key.Text, glob));
            }
        }

        return [.. annotations.OrderBy(a => a.Key, StringComparer.Ordinal)];
    }
}
