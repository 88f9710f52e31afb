using System.Globalization;
using System.Text;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>
/// crun keeps compiled filters under a checksum that has no errnos in it (seen with 1.28): of two profiles that differ in nothing else, the second container runs
/// with the first one's filter.
/// </summary>
internal static class CacheTrap
{
    /// <summary>Warns in each file of such a pair.</summary>
    public static void Run(IEnumerable<ProfileDocument> documents, LintReport report)
    {
        foreach (IGrouping<string, ProfileDocument> alike in documents.GroupBy(KeyOf, StringComparer.Ordinal))
        {
            ProfileDocument[] files = [.. alike.DistinctBy(Errnos, StringComparer.Ordinal)];
            foreach (ProfileDocument file in files.Length > 1 ? files : [])
            {
                string others = string.Join(", ", files.Where(f => f != file).Select(static f => f.File));
                report.Warning("crun-cache", file.Json.Place(),
                    $"This profile differs from {others} in errnos alone, and crun's cache takes them for one: a container can get the other's filter. Make them differ in something else, such as a name that no kernel has.");
            }
        }
    }

    // What crun hashes, in its order: strings follow each other without a separator.
    private static string KeyOf(ProfileDocument document)
    {
        StringBuilder key = new();
        key.Append((string?)document.Json["defaultAction"]);
        foreach (string text in document.Texts("flags").Concat(document.Architectures))
        {
            key.Append(text);
        }

        foreach (ProfileRule rule in document.Rules)
        {
            key.Append((string?)rule.Json["action"]).AppendJoin("", rule.Names.Select(static n => n.Name));
            foreach (SeccompCondition condition in rule.Conditions)
            {
                key.Append(CultureInfo.InvariantCulture, $"\0{condition.Index}\0{condition.Value}\0{condition.ValueTwo}\0{condition.Op}");
            }
        }

        return key.ToString();
    }

    private static string Errnos(ProfileDocument document)
        => string.Join(' ', document.Rules.Select(static r => r.Result).Prepend(document.Default).Select(static r => r.Errno));
}
