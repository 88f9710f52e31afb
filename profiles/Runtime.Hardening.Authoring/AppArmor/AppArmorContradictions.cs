using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.AppArmor;

/// <summary>What a description allows and denies all the same. In the kernel a denial wins, so whoever allowed it waits for something that never comes.</summary>
internal static class AppArmorContradictions
{
    private const string Below = "/**";

    public static void Check(YamlMapping spec, AppArmorDescription profile, LintReport report)
    {
        CheckFiles(spec, profile, report);
        foreach (string allowed in profile.Networks ?? [])
        {
            if (profile.DeniedNetworks.FirstOrDefault(denied => allowed == denied || allowed.StartsWith(denied + " ", StringComparison.Ordinal)) is { } denial)
            {
                Warn(report, Place(spec, "network", "allow", allowed), allowed, $"'network.deny' has '{denial}'");
            }
        }
    }

    private static void CheckFiles(YamlMapping spec, AppArmorDescription profile, LintReport report)
    {
        int executable = profile.Execute.Length;
        foreach ((string access, string[] paths) in ((string, string[])[])[("read", profile.Read), ("write", profile.Write), ("map", profile.Map), ("execute", profile.Execute)])
        {
            string[] denials = [.. profile.DeniedFiles.Where(d => d.Access.Contains(access)).SelectMany(static d => d.Paths)];
            foreach (string path in paths)
            {
                if (denials.FirstOrDefault(denied => Covers(denied, path)) is { } denial)
                {
                    Warn(report, Place(spec, "files", access, path), path, $"'files.deny' has '{denial}' with '{access}'");
                    executable -= access == "execute" ? 1 : 0;
                }
            }
        }

        if (executable == 0)
        {
            report.Error("nothing-to-execute", Place(spec, "files", "execute", null), "Every program of 'spec.files.execute' is denied again, so no container could start under this profile. Take one out of 'spec.files.deny'.");
        }
    }

    // Only what the texts themselves show. "/a/**" is what lies below /a, and not "/a/".
    private static bool Covers(string denied, string allowed)
        => denied == allowed
            || (denied.EndsWith(Below, StringComparison.Ordinal) && allowed.Length > denied.Length - 2 && allowed.StartsWith(denied[..^2], StringComparison.Ordinal));

    private static void Warn(LintReport report, SourceLocation place, string allowed, string denial)
        => report.Warning("denied-anyway", place, $"'{allowed}' is allowed here, and {denial}: the denial wins. Remove one of them.");

    private static SourceLocation Place(YamlMapping spec, string section, string field, string? text)
    {
        YamlNode list = (spec.Find(section) as YamlMapping)?.Find(field) ?? spec;
        return ((list as YamlSequence)?.Items.FirstOrDefault(item => item is YamlScalar scalar && scalar.Text == text) ?? list).Location;
    }
}
