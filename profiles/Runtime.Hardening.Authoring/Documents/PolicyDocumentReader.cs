using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>Reads one YAML tree as a policy, field by field after <see cref="PolicyFields"/>.</summary>
internal sealed class PolicyDocumentReader
{
    public const string Kind = "Policy";

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

        if (mapping.Find("kind") is YamlScalar kind && s_laterKinds.Contains(kind.Text))
        {
            _report.Error("kind-not-supported", kind.Location, $"Documents of kind {kind.Text} are not handled by this version: only {Kind} is. Move this document out of the folder.");
            return null;
        }

        if (mapping.Find("kind") is YamlScalar { Text: AppArmorReader.Kind } profile)
        {
            _report.Error("misplaced-document", profile.Location,
                "The description of an AppArmor profile is no policy. Move it to a folder 'apparmor' of profiles, such as /etc/hardening/profiles/apparmor/NAME.yaml.");
            return null;
        }

        (_name, string? description, SourceLocation nameLocation) = DocumentHeader.Read(mapping, Kind, "policy", _values);
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
}
