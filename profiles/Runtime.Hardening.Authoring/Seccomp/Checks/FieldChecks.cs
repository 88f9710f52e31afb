using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>Members that no runtime knows: a misspelt one is a wish that is silently not granted.</summary>
internal static class FieldChecks
{
    public static void Run(ProfileDocument document, LintReport report)
    {
        Check(document.Json, ProfileWords.RootFields, "a profile", report);
        foreach (JObject entry in (document.Json["syscalls"] as JArray ?? []).OfType<JObject>())
        {
            Check(entry, ProfileWords.RuleFields, "an entry of syscalls", report);
            foreach (JObject argument in (entry["args"] as JArray ?? []).OfType<JObject>())
            {
                Check(argument, ProfileWords.ArgumentFields, "a condition", report);
            }
        }
    }

    private static void Check(JObject value, string[] known, string where, LintReport report)
    {
        foreach (JProperty property in value.Properties().Where(p => !known.Contains(p.Name) && !IsFound(p.Name, known)))
        {
            report.Error("unknown-field", property.Place(),
                $"Unknown field '{property.Name}' in {where}, expected one of {string.Join(", ", known)}.{DidYouMean.Sentence(property.Name, known)}");
        }
    }

    // The check of the form has its own words for these.
    private static bool IsFound(string name, string[] known)
        => ProfileWords.DockerRootFields.Contains(name) || (known == ProfileWords.RuleFields && ProfileWords.DockerRuleFields.Contains(name))
            || (known == ProfileWords.RuleFields && DockerForm.IsMisspeltScope(name))
            || known.Any(k => Runtime.Hardening.Profiles.Spec.SpecKeys.Clashes(name, k));
}
