using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// A profile in Docker's format, whose rules say for which capabilities and architectures they are meant. A container's capabilities are known when it is created and
/// no sooner, so the hook settles them: a generation gets what the profile is without any of them, which most containers get as it stands, and the rules with
/// their conditions for the others. Kernel versions are not settled there, because a generation outlives a reboot.
/// </summary>
internal static class ScopedProfile
{
    private static readonly string[] s_ruleFields = ["includes", "excludes", "comment"];
    private static readonly string[] s_scopeFields = ["caps", "arches"];
    private static readonly string[] s_mapFields = ["architecture", "subArchitectures"];

    public static bool Is(JObject root)
        => root.ContainsKey("archMap") || Rules(root).Any(rule => s_ruleFields.Any(rule.ContainsKey));

    /// <summary>Checks it as it is without a capability and with all of them, and compiles it.</summary>
    /// <param name="name">What policies call it.</param>
    /// <param name="path">For findings.</param>
    /// <param name="root">The profile.</param>
    /// <param name="readAgain">Gives another copy of it, with its positions.</param>
    /// <param name="report">Receives every finding.</param>
    public static SeccompSource Compile(string name, string path, JObject root, Func<JObject> readAgain, LintReport report)
    {
        LintReport form = new();
        CapabilitySet depends = CheckForm(path, root, form);
        foreach (LintFinding finding in form.Findings)
        {
            report.Error(finding.Code, finding.Location, finding.Message);
        }

        root.Remove(SeccompProfile.Header);
        byte[] source = Encoding.UTF8.GetBytes(root.ToString(Formatting.None));
        if (form.HasErrors)
        {
            return new SeccompSource(name, path, source);
        }

        foreach (CapabilitySet held in (CapabilitySet[])[CapabilitySet.None, CapabilitySet.All])
        {
            JObject settled = readAgain();
            Settle(settled, held);
            SeccompChecks.Run(path, settled, report);
        }

        try
        {
            byte[] without = SeccompWriter.Write(SeccompProfile.ParseFor(source, path, CapabilitySet.None));
            return new SeccompSource(name, path, without)
            {
                ByCapability = depends == CapabilitySet.None ? null : new SeccompByCapabilitySource(name, depends, source),
            };
        }
        catch (HardeningFormatException) when (report.HasErrors)
        {
            return new SeccompSource(name, path, source);   // what is wrong with it has been reported with its place
        }
        catch (HardeningFormatException e)
        {
            report.Error("unreadable-profile", SourceLocation.Of(path), $"The hook cannot read this profile: {e.Message}");
            return new SeccompSource(name, path, source);
        }
    }

    /// <summary>Leaves what the profile is for a container with these capabilities on this machine, in the OCI form.</summary>
    internal static void Settle(JObject root, CapabilitySet held)
    {
        if (root["archMap"] is JArray map)
        {
            root.Remove("archMap");
            JArray architectures = [];
            if (map.FirstOrDefault(entry => (string?)entry["architecture"] == NativeArchitecture.Scmp) is { } own)
            {
                architectures.Add(own["architecture"]!);
                foreach (JToken other in own["subArchitectures"] as JArray ?? [])
                {
                    architectures.Add(other);
                }
            }

            root["architectures"] = architectures;
        }

        foreach (JObject rule in Rules(root).ToArray())
        {
            if (!IsMeant(rule, held))
            {
                rule.Remove();
                continue;
            }

            foreach (string field in s_ruleFields)
            {
                rule.Remove(field);
            }
        }
    }

    private static bool IsMeant(JObject rule, CapabilitySet held)
    {
        bool Held(string name) => CapabilitySet.TryParse(name, out CapabilitySet one) && held.Contains(one);
        string[] arches = Texts(rule, "includes", "arches");
        return Texts(rule, "includes", "caps").All(Held)
            && (arches.Length == 0 || arches.Contains(NativeArchitecture.Docker))
            && !Texts(rule, "excludes", "caps").Any(Held)
            && !Texts(rule, "excludes", "arches").Contains(NativeArchitecture.Docker);
    }

    private static CapabilitySet CheckForm(string path, JObject root, LintReport report)
    {
        CapabilitySet depends = CapabilitySet.None;
        if (root.ContainsKey("archMap") && root.ContainsKey("architectures"))
        {
            report.Error("docker-format", Place(path, root.Property("archMap")!), "The profile has both 'archMap' and 'architectures', and engines refuse that. Keep 'archMap'.");
        }

        foreach (JToken entry in Each(path, root, "archMap", report))
        {
            if (entry is not JObject map || map["architecture"]?.Type != JTokenType.String || map.Properties().Any(p => !s_mapFields.Contains(p.Name)))
            {
                report.Error("wrong-type", Place(path, entry), "Expected an object with 'architecture', which is a string, and 'subArchitectures', which is a list.");
            }
        }

        foreach (JObject rule in Rules(root))
        {
            foreach (string field in (string[])["includes", "excludes"])
            {
                if (rule[field] is { Type: not JTokenType.Null } scope)
                {
                    depends = depends.Union(CheckScope(path, field, scope, report));
                }
            }
        }

        return depends;
    }

    private static CapabilitySet CheckScope(string path, string field, JToken token, LintReport report)
    {
        CapabilitySet depends = CapabilitySet.None;
        if (token is not JObject scope)
        {
            report.Error("wrong-type", Place(path, token), $"Expected an object with {string.Join(" or ", s_scopeFields)}.");
            return depends;
        }

        foreach (JProperty property in scope.Properties().Where(p => !s_scopeFields.Contains(p.Name)))
        {
            report.Error("docker-format", Place(path, property),
                $"'{field}.{property.Name}' is nothing that the hook could settle, only caps and arches are. Settle it first: hardenctl seccomp resolve.{DidYouMean.Sentence(property.Name, s_scopeFields)}");
        }

        foreach (JToken name in Each(path, scope, "caps", report).Concat(Each(path, scope, "arches", report)))
        {
            if (name is not JValue { Type: JTokenType.String, Value: string text })
            {
                report.Error("wrong-type", Place(path, name), "Expected a name.");
            }
            else if (name.Parent!.Parent is JProperty { Name: "caps" })
            {
                if (!CapabilitySet.TryParse(text, out CapabilitySet one))
                {
                    report.Error("unknown-value", Place(path, name), $"'{text}' is no capability.{DidYouMean.Sentence(text, CapabilitySet.KnownNames.ToArray())}");
                }

                depends = depends.Union(one);
            }
        }

        return depends;
    }

    private static JArray Each(string path, JObject value, string field, LintReport report)
    {
        if (value[field] is { Type: not (JTokenType.Array or JTokenType.Null) } other)
        {
            report.Error("wrong-type", Place(path, other), $"'{field}' must be a list.");
        }

        return value[field] as JArray ?? [];
    }

    private static IEnumerable<JObject> Rules(JObject root) => (root["syscalls"] as JArray ?? []).OfType<JObject>();

    private static string[] Texts(JObject rule, string scope, string field) => [.. ((rule[scope] as JObject)?[field] as JArray ?? []).Select(t => (string)t!)];

    private static SourceLocation Place(string path, JToken token)
        => token is IJsonLineInfo info && info.HasLineInfo() ? new SourceLocation(path, info.LineNumber, info.LinePosition) : SourceLocation.Of(path);
}
