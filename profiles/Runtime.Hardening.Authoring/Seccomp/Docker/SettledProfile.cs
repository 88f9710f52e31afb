using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Checks;

namespace Runtime.Hardening.Authoring.Seccomp.Docker;

/// <summary>
/// A profile in Docker's format that was settled for one container, as a person gets it: what the engine would make of it, and of the remarks those lines that accept a
/// warning which the settled profile still has. The others tell of the whole profile; a line that accepts nothing any more would be a finding itself. A call that several
/// capabilities bring stands there once.
/// </summary>
public static class SettledProfile
{
    /// <summary>Settles it. The profile has no errors of form.</summary>
    public static JObject Of(ProfileDocument profile, DockerContainer container)
    {
        ArgumentNullException.ThrowIfNull(profile);
        JObject settled = DockerResolver.Resolve(profile, container);
        DropRepeated(settled);
        string[] accepting = [.. profile.Texts(ProfileWords.Remarks).Where(static line => Remarks.AcceptedBy(line) is not null)];
        if (accepting.Length > 0 && Warnings(profile.File, settled) is var codes && Array.FindAll(accepting, line => codes?.Contains(Remarks.AcceptedBy(line)!) ?? true) is { Length: > 0 } kept)
        {
            settled.AddFirst(new JProperty(ProfileWords.Remarks, new JArray(kept)));
        }

        return settled;
    }

    // Two capabilities that bring the same call bring it twice, with no effect but a finding.
    private static void DropRepeated(JObject settled)
    {
        HashSet<(string Name, string Effect)> seen = [];
        foreach (JObject rule in (JObject[])[.. (settled["syscalls"] as JArray ?? []).OfType<JObject>()])
        {
            if (rule["names"] is not JArray { Count: > 0 } names)
            {
                continue;
            }

            string effect = new JObject(rule.Properties().Where(static p => p.Name != "names" && p.Value is not (JArray { Count: 0 } or { Type: JTokenType.Null }))).ToCompactText();
            foreach (JToken name in (JToken[])[.. names])
            {
                if (!seen.Add(((string)name!, effect)))
                {
                    name.Remove();
                }
            }

            if (names.Count == 0)
            {
                rule.Remove();
            }
        }
    }

    // Null where errors keep the linter from finding all of them.
    private static HashSet<string>? Warnings(string file, JObject settled)
    {
        LintReport report = new();
        if (ProfileDocument.Of(file, settled, ProfileDialect.Oci, report) is { } document)
        {
            SeccompChecks.Run(document, SeccompUse.Runtime, report);
        }

        return report.HasErrors || report.Dropped > 0 ? null : [.. report.Findings.Select(static f => f.Code)];
    }
}
