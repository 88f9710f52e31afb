using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Tests;

/// <summary>JSON Schema 2020-12 as far as our schema uses it; a keyword that is not handled here fails the test instead of passing unread.</summary>
internal sealed class SchemaCheck(string schema)
{
    private readonly JsonElement _root = JsonDocument.Parse(schema).RootElement;

    public List<string> MistakesIn(string yaml)
    {
        List<string> mistakes = [];
        LintReport report = new();
        foreach (YamlNode document in YamlTree.Read("x.yaml", yaml, report))
        {
            Check(_root, document, "", mistakes);
        }

        Assert.False(report.HasErrors);
        return mistakes;
    }

    private void Check(JsonElement schema, YamlNode node, string path, List<string> mistakes)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (!Holds(schema, keyword, node, path, mistakes))
            {
                mistakes.Add($"{path}: {keyword.Name}");
            }
        }
    }

    private bool Holds(JsonElement schema, JsonProperty keyword, YamlNode node, string path, List<string> mistakes)
    {
        string text = (node as YamlScalar)?.Text ?? "";
        switch (keyword.Name)
        {
            case "$schema" or "$defs" or "title" or "description":
                return true;
            case "$ref":
                Check(_root.GetProperty("$defs").GetProperty(keyword.Value.GetString()!["#/$defs/".Length..]), node, path, mistakes);
                return true;
            case "type":
                return keyword.Value.GetString() switch
                {
                    "object" => node is YamlMapping,
                    "array" => node is YamlSequence,
                    "boolean" => node is YamlScalar { IsPlain: true, Text: "true" or "false" },
                    "integer" => node is YamlScalar { IsPlain: true } && Int128.TryParse(text, out _),
                    "number" => node is YamlScalar { IsNumber: true },
                    "string" => node is YamlScalar { IsNull: false, IsNumber: false, IsTruthLike: false },
                    _ => throw new InvalidOperationException($"The type '{keyword.Value}' is not handled here."),
                };
            case "properties":
                foreach (JsonProperty property in keyword.Value.EnumerateObject())
                {
                    if ((node as YamlMapping)?.Find(property.Name) is { } value)
                    {
                        Check(property.Value, value, $"{path}.{property.Name}", mistakes);
                    }
                }

                return true;
            case "additionalProperties":
                return CheckAdditional(schema, keyword.Value, node, path, mistakes);
            case "required":
                return node is not YamlMapping mapping || keyword.Value.EnumerateArray().All(n => mapping.Find(n.GetString()!) is not null);
            case "items":
                foreach (YamlNode item in (node as YamlSequence)?.Items ?? [])
                {
                    Check(keyword.Value, item, path + "[]", mistakes);
                }

                return true;
            case "enum":
                return keyword.Value.EnumerateArray().Any(v => v.GetString() == text);
            case "const":
                return keyword.Value.GetString() == text;
            case "anyOf":
                return keyword.Value.EnumerateArray().Any(option =>
                {
                    List<string> inner = [];
                    Check(option, node, path, inner);
                    return inner.Count == 0;
                });
            case "pattern":
                return node is not YamlScalar || Regex.IsMatch(text, keyword.Value.GetString()!);
            case "minLength":
                return text.Length >= keyword.Value.GetInt32();
            case "maxLength":
                return text.Length <= keyword.Value.GetInt32();
            case "minItems":
                return node is not YamlSequence sequence || sequence.Items.Count >= keyword.Value.GetInt32();
            case "minProperties":
                return node is not YamlMapping map || map.Entries.Count >= keyword.Value.GetInt32();
            case "minimum":
                return !decimal.TryParse(text, CultureInfo.InvariantCulture, out decimal low) || low >= keyword.Value.GetDecimal();
            case "maximum":
                return !decimal.TryParse(text, CultureInfo.InvariantCulture, out decimal high) || high <= keyword.Value.GetDecimal();
            default:
                throw new InvalidOperationException($"The keyword '{keyword.Name}' is not handled here.");
        }
    }

    private bool CheckAdditional(JsonElement schema, JsonElement rule, YamlNode node, string path, List<string> mistakes)
    {
        bool allKnown = true;
        foreach ((YamlScalar key, YamlNode value) in (node as YamlMapping)?.Entries ?? [])
        {
            if (schema.TryGetProperty("properties", out JsonElement known) && known.TryGetProperty(key.Text, out _))
            {
                continue;
            }

            if (rule.ValueKind == JsonValueKind.False)
            {
                allKnown = false;
            }
            else
            {
                Check(rule, value, $"{path}.{key.Text}", mistakes);
            }
        }

        return allKnown;
    }
}
