using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Seccomp.Kubernetes;

/// <summary>Takes the OCI profile out of a SeccompProfile resource.</summary>
internal sealed partial class KubernetesReader
{
    private readonly LintReport _report;

    private KubernetesReader(LintReport report) => _report = report;

    /// <summary>The first document of that kind, or null after a finding.</summary>
    public static ProfileDocument? Read(string file, string text, LintReport report)
    {
        int before = report.ErrorCount;
        YamlMapping[] all = [.. YamlTree.Read(file, text, report).OfType<YamlMapping>()];
        YamlMapping[] resources = [.. all.Where(Is)];
        if (report.ErrorCount > before)
        {
            return null;
        }

        if (resources is not [{ } resource])
        {
            if (resources.Length == 0 && all.FirstOrDefault(static m => m.Find("kind") is YamlScalar { Text: KubernetesProfile.Kind }) is { } other)
            {
                report.Error("no-profile", (other.Find("apiVersion") ?? other).Location,
                    $"The {KubernetesProfile.Kind} has the apiVersion {(other.Find("apiVersion") is YamlScalar { Text: { } version } ? $"'{version}'" : "of nobody")}, expected one that begins with '{KubernetesProfile.Group}', such as '{KubernetesProfile.Group}{KubernetesProfile.Versions[0]}'.");
                return null;
            }

            report.Error("no-profile", SourceLocation.Of(file), $"The file holds {resources.Length} resources of the kind {KubernetesProfile.Kind}, expected one. Give a file with exactly one.");
            return null;
        }

        if (resource.Find("spec") is not YamlMapping spec)
        {
            report.Error("missing-field", resource.Location, "'spec' is missing. Add it.");
            return null;
        }

        return ProfileDocument.Of(file, new KubernetesReader(report).Profile(spec), ProfileDialect.Oci, report);
    }

    public static bool Is(YamlNode node)
        => node is YamlMapping mapping && mapping.Find("kind") is YamlScalar { Text: KubernetesProfile.Kind }
            && mapping.Find("apiVersion") is YamlScalar { Text: { } version } && version.StartsWith(KubernetesProfile.Group, StringComparison.Ordinal);

    private JObject Profile(YamlMapping spec)
    {
        JObject profile = [];
        profile.Put(spec.Location);
        foreach ((YamlScalar key, YamlNode value) in spec.Entries)
        {
            if (key.Text == "baseProfileName" && value is not YamlScalar { Text: "" })
            {
                _report.Error("base-profile", key.Location, "'baseProfileName' names another profile that the operator adds to this one. Convert both and join them: hardenctl seccomp merge.");
            }
            else if (!KubernetesProfile.SpecFields.Contains(key.Text))
            {
                _report.Warning("not-expressible", key.Location, $"'{key.Text}' is nothing that an OCI profile has. It is left out.");
            }
            else
            {
                Add(profile, key, key.Text == "syscalls" && value is YamlSequence rules ? Rules(rules) : Token(value));
            }
        }

        return profile;
    }

    private JArray Rules(YamlSequence rules)
    {
        JArray list = [];
        list.Put(rules.Location);
        foreach (YamlNode item in rules.Items)
        {
            JToken rule = Token(item);
            if (rule is JObject entry)
            {
                Errno(entry);
                foreach (JObject argument in (entry["args"] as JArray ?? []).OfType<JObject>().Where(static a => !a.ContainsKey("value")))
                {
                    argument.Add("value", 0UL);   // the resource leaves a zero out
                }
            }

            list.Add(rule);
        }

        return list;
    }

    // Older operators have it as a text, and all of them take 0 for "not set".
    private static void Errno(JObject entry)
    {
        if (entry["errnoRet"] is JValue { Value: string text } written && !LeadingZero().IsMatch(text) && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            JValue value = new(number);
            value.Put(written.Place());
            entry["errnoRet"] = value;
        }

        if (entry["errnoRet"] is JValue { Value: 0UL or "" })
        {
            entry.Remove("errnoRet");
        }
    }

    private JToken Token(YamlNode node)
    {
        if (node is YamlScalar { IsPlain: true } octal && LeadingZero().IsMatch(octal.Text))
        {
            _report.Error("leading-zero", octal.Location, $"'{octal.Text}' begins with a zero: Kubernetes reads an octal number, and other tools a decimal one. Write it without, or as what is meant in decimal.");
        }

        JToken token = node switch
        {
            YamlMapping mapping => Members(mapping),
            YamlSequence sequence => new JArray(sequence.Items.Select(Token)),
            YamlScalar { IsNull: true } => JValue.CreateNull(),
            YamlScalar { IsPlain: true } scalar when ulong.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) => new JValue(number),
            YamlScalar { IsNumber: true } scalar when JsonNumber().IsMatch(scalar.Text) => new JRaw(scalar.Text),
            YamlScalar { IsPlain: true, Text: "true" or "false" } scalar => new JValue(scalar.Text == "true"),
            _ => new JValue(((YamlScalar)node).Text),
        };
        token.Put(node.Location);
        return token;
    }

    [GeneratedRegex(@"^[-+]?0[0-9_]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex LeadingZero();

    // YAML also knows .5, +1 and .inf, and JSON does not.
    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex JsonNumber();

    private JObject Members(YamlMapping mapping)
    {
        JObject value = [];
        foreach ((YamlScalar key, YamlNode item) in mapping.Entries)
        {
            Add(value, key, Token(item));
        }

        return value;
    }

    private static void Add(JObject value, YamlScalar key, JToken item)
    {
        JProperty member = new(key.Text, item);
        member.Put(key.Location);
        value.Add(member);
    }
}
