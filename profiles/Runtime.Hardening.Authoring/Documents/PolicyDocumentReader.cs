using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>Reads one YAML tree as a policy, field by field after <see cref="PolicyFields"/>.</summary>
internal sealed class PolicyDocumentReader
{
    public const string ApiVersion = "hardening/v1";
    public const string Kind = "Policy";

    private static readonly string[] s_rootFields = ["apiVersion", "kind", "metadata", "spec"];
    private static readonly string[] s_metadataFields = ["name", "description"];
    private static readonly string[] s_laterKinds = ["Exemption", "PolicyTest"];

    private readonly LintReport _report;
    private readonly ValueReader _values;
    private readonly SortedDictionary<string, PolicyLeaf> _leaves = new(StringComparer.Ordinal);
    private string _name = "";

    private PolicyDocumentReader(LintReport report)
    {
        _report = report;
        _values = new ValueReader(report);
    }

    /// <summary>The policies of the text. Null entries never occur: a document that is no policy at all is only a finding.</summary>
    public static IReadOnlyList<PolicyDocument> ReadAll(string file, string text, LintReport report)
    {
        List<PolicyDocument> documents = [];
        foreach (YamlNode root in YamlTree.Read(file, text, report))
        {
            if (new PolicyDocumentReader(report).Read(root) is { } document)
            {
                documents.Add(document);
            }
        }

        return documents;
    }

    private PolicyDocument? Read(YamlNode root)
    {
        if (root is not YamlMapping mapping)
        {
            _values.WrongType(root, "a policy document with apiVersion, kind, metadata and spec");
            return null;
        }

        CheckHeader(mapping, "apiVersion", [ApiVersion]);
        if (mapping.Find("kind") is YamlScalar kind && s_laterKinds.Contains(kind.Text))
        {
            _report.Error("kind-not-supported", kind.Location, $"Documents of kind {kind.Text} are not handled by this version: only {Kind} is. Move this document out of the folder.");
            return null;
        }

        CheckHeader(mapping, "kind", [Kind]);
        ReportUnknown(mapping, s_rootFields, "the document");
        string? description = ReadMetadata(mapping, out SourceLocation nameLocation);
        List<BaseReference> bases = [];
        switch (mapping.Find("spec"))
        {
            case YamlMapping spec:
                ReadSection(spec, "", bases);
                break;
            case { } other:
                _values.WrongType(other, "a mapping of the policy's fields");
                break;
            default:
                _report.Error("missing-field", mapping.Location, "The document has no 'spec'. Add one with the fields of the policy.");
                break;
        }

        return _name.Length == 0 ? null : new PolicyDocument(_name, description, nameLocation, bases, _leaves);
    }

    private void CheckHeader(YamlMapping mapping, string field, string[] expected)
    {
        if (mapping.Find(field) is { } node)
        {
            _values.Choice(node, expected);
        }
        else
        {
            _report.Error("missing-field", mapping.Location, $"The document has no '{field}'. Add '{field}: {expected[0]}'.");
        }
    }

    private string? ReadMetadata(YamlMapping mapping, out SourceLocation nameLocation)
    {
        nameLocation = mapping.Location;
        if (mapping.Find("metadata") is not YamlMapping metadata)
        {
            if (mapping.Find("metadata") is { } other)
            {
                _values.WrongType(other, "a mapping with the policy's name");
            }
            else
            {
                _report.Error("missing-field", mapping.Location, "The document has no 'metadata'. Add 'metadata: {name: ...}'.");
            }

            return null;
        }

        ReportUnknown(metadata, s_metadataFields, "metadata");
        if (metadata.Find("name") is { } name)
        {
            nameLocation = name.Location;
            ReadName(name);
        }
        else
        {
            _report.Error("missing-field", metadata.Location, "The policy has no name. Add 'name' to its metadata.");
        }

        return metadata.Find("description") is { } description ? _values.Text(description, "a text") : null;
    }

    private void ReadName(YamlNode node)
    {
        if (_values.Text(node, "a name") is not { } name)
        {
            return;
        }

        if (IsDnsLabel(name))
        {
            _name = name;
            return;
        }

        _report.Error("bad-name", node.Location,
            $"'{name}' is not a policy name: expected a DNS label, 1 to 63 lower-case letters, digits and '-', with a letter or digit at both ends.");
    }

    /// <summary>RFC 1123: also what bases are called, so a name is always a safe file name.</summary>
    public static bool IsDnsLabel(string name)
        => name.Length is > 0 and <= 63 && name[0] != '-' && name[^1] != '-' && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private void ReadSection(YamlMapping mapping, string section, List<BaseReference> bases)
    {
        string[] known = [.. PolicyFields.NamesIn(section)];
        foreach ((YamlScalar key, YamlNode value) in mapping.Entries)
        {
            string path = section.Length == 0 ? key.Text : $"{section}.{key.Text}";
            if (PolicyFields.NotSupported.TryGetValue(path, out string? advice))
            {
                _report.Error("not-supported", key.Location, $"The field 'spec.{path}' is not supported by this version. {advice}");
            }
            else if (path == PolicyFields.Extends)
            {
                ReadExtends(value, bases);
            }
            else if (PolicyFields.All.FirstOrDefault(f => f.Path == path) is { } field)
            {
                Keep(path, field, value);
            }
            else if (PolicyFields.All.FirstOrDefault(f => f.Path == section + ".*") is { } open)
            {
                ReadKeyed(open, path, key, value);
            }
            else if (!known.Contains(key.Text))
            {
                _report.Error("unknown-field", key.Location,
                    $"Unknown field '{key.Text}' in {(section.Length == 0 ? "spec" : "spec." + section)}, expected one of {string.Join(", ", known)}.{DidYouMean.Sentence(key.Text, known)}");
            }
            else if (value is YamlMapping inner)
            {
                ReadSection(inner, path, bases);
            }
            else
            {
                string inside = string.Join(", ", PolicyFields.NamesIn(path)).Replace("*", "names from setrlimit(2)", StringComparison.Ordinal);
                _values.WrongType(value, $"a mapping with {inside}");
            }
        }
    }

    private void ReadKeyed(PolicyField field, string path, YamlScalar key, YamlNode value)
    {
        if (field.Keys.Contains(key.Text))
        {
            Keep(path, field, value);
            return;
        }

        _report.Error("unknown-rlimit", key.Location, $"Unknown resource limit '{key.Text}', expected a name from setrlimit(2) such as RLIMIT_NOFILE.{DidYouMean.Sentence(key.Text, field.Keys)}");
        field.Read(_values, value);
    }

    private void Keep(string path, PolicyField field, YamlNode value)
    {
        if (field.Read(_values, value) is { } read)
        {
            _leaves[path] = new PolicyLeaf(path, read, value.Location, _name);
        }
    }

    private void ReadExtends(YamlNode node, List<BaseReference> bases)
    {
        _values.List(node, "a list of policies or shipped bases", item =>
        {
            string? name = _values.Text(item, "the name of a policy or base");
            if (name is not null)
            {
                bases.Add(new BaseReference(name, item.Location));
            }

            return name;
        });
    }

    private void ReportUnknown(YamlMapping mapping, string[] known, string where)
    {
        foreach ((YamlScalar key, _) in mapping.Entries)
        {
            if (!known.Contains(key.Text))
            {
                _report.Error("unknown-field", key.Location, $"Unknown field '{key.Text}' in {where}, expected one of {string.Join(", ", known)}.{DidYouMean.Sentence(key.Text, known)}");
            }
        }
    }
}
