using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>What every document of ours begins with: apiVersion, kind and metadata.</summary>
internal static class DocumentHeader
{
    public const string ApiVersion = "hardening/v1";

    private static readonly string[] s_rootFields = ["apiVersion", "kind", "metadata", "spec"];
    private static readonly string[] s_metadataFields = ["name", "description"];

    /// <summary>Checks the header.</summary>
    /// <param name="mapping">The document.</param>
    /// <param name="kind">The kind that is expected.</param>
    /// <param name="what">What a person calls such a document: policy, profile.</param>
    /// <param name="values">For findings.</param>
    /// <returns>The name is empty after a finding about it.</returns>
    public static (string Name, string? Description, SourceLocation Location) Read(YamlMapping mapping, string kind, string what, ValueReader values)
    {
        CheckWord(mapping, "apiVersion", ApiVersion, values);
        CheckWord(mapping, "kind", kind, values);
        ReportUnknown(mapping, s_rootFields, "the document", values.Report);
        if (mapping.Find("metadata") is not YamlMapping metadata)
        {
            if (mapping.Find("metadata") is { } other)
            {
                values.WrongType(other, $"a mapping with the {what}'s name");
            }
            else
            {
                values.Report.Error("missing-field", mapping.Location, "The document has no 'metadata'. Add 'metadata: {name: ...}'.");
            }

            return ("", null, mapping.Location);
        }

        ReportUnknown(metadata, s_metadataFields, "metadata", values.Report);
        string? description = metadata.Find("description") is { } text ? values.Text(text, "a text") : null;
        if (metadata.Find("name") is { } name)
        {
            return (ReadName(name, what, values), description, name.Location);
        }

        values.Report.Error("missing-field", metadata.Location, $"The {what} has no name. Add 'name' to its metadata.");
        return ("", description, mapping.Location);
    }

    /// <summary>RFC 1123: also what files are called, so a name is always a safe file name.</summary>
    public static bool IsDnsLabel(string name)
        => name.Length is > 0 and <= 63 && name[0] != '-' && name[^1] != '-' && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>One finding for each key that has no meaning here.</summary>
    public static void ReportUnknown(YamlMapping mapping, IReadOnlyList<string> known, string where, LintReport report)
    {
        foreach ((YamlScalar key, _) in mapping.Entries)
        {
            if (!known.Contains(key.Text))
            {
                report.Error("unknown-field", key.Location, $"Unknown field '{key.Text}' in {where}, expected one of {string.Join(", ", known)}.{DidYouMean.Sentence(key.Text, known)}");
            }
        }
    }

    private static void CheckWord(YamlMapping mapping, string field, string expected, ValueReader values)
    {
        if (mapping.Find(field) is { } node)
        {
            values.Choice(node, [expected]);
        }
        else
        {
            values.Report.Error("missing-field", mapping.Location, $"The document has no '{field}'. Add '{field}: {expected}'.");
        }
    }

    private static string ReadName(YamlNode node, string what, ValueReader values)
    {
        if (values.Text(node, "a name") is not { } name)
        {
            return "";
        }

        if (IsDnsLabel(name))
        {
            return name;
        }

        values.Report.Error("bad-name", node.Location,
            $"'{name}' is not a {what} name: expected a DNS label, 1 to 63 lower-case letters, digits and '-', with a letter or digit at both ends.");
        return "";
    }
}
