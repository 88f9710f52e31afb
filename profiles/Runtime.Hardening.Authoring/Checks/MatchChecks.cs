using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Checks;

/// <summary>Warns where a policy matches on something that an engine does not write into config.json, so that it can never match there.</summary>
internal static class MatchChecks
{
    private const string Cri = "containerd through CRI";
    private const string Ctr = "containerd without CRI (ctr, nerdctl)";

    // Names and images exist for a person at every engine; namespaces and pods are Kubernetes words that nobody expects elsewhere.
    private static readonly string[] s_expectedEverywhere = ["names", "images"];

    private static readonly Source[] s_sources =
    [
        new(Cri, "containerd", "k8s.io", []),
        new(Ctr, "containerd", "default", ["namespaces", "pods", "names", "images"]),
        new("Docker", "docker", "moby", ["namespaces", "pods", "names", "images"]),
        new("Podman", "podman", null, ["namespaces", "pods", "names", "images", "engineNamespaces"]),
        new("CRI-O", "cri-o", null, ["engineNamespaces"]),
    ];

    public static void Run(ResolvedPolicy policy, LintReport report)
    {
        SourceLocation place = policy.PlaceOf(PolicyFields.Match);
        foreach (MatchClause clause in policy.Value<MatchClause[]>(PolicyFields.Match) ?? [])
        {
            Dictionary<string, string[]> used = Used(clause);
            Source[] meant = [.. s_sources.Where(s => Means(clause, s))];
            bool isExplicit = clause.Engines.Length > 0 || clause.EngineNamespaces.Length > 0;
            bool isKubernetes = clause.Namespaces.Length > 0 || clause.Pods.Length > 0;
            foreach (string field in used.Keys)
            {
                string[] without = [.. meant.Where(s => s.Missing.Contains(field)).Select(s => s.Name)];
                if (without.Length > 0 && (isExplicit || (!isKubernetes && s_expectedEverywhere.Contains(field))))
                {
                    report.Warning("engine-gives-no-fact", place,
                        $"'{policy.Document.Name}' matches on {field}, which {string.Join(" and ", without)} do{(without.Length == 1 ? "es" : "")} not tell: it never matches there. "
                        + "Match on annotations or host names for those, or narrow 'engines'.");
                }
            }

            WarnOfDigests(policy, clause, place, report);
        }
    }

    private static void WarnOfDigests(ResolvedPolicy policy, MatchClause clause, SourceLocation place, LintReport report)
    {
        foreach (string image in clause.Images.Where(i => i.Contains("@sha256:", StringComparison.Ordinal)))
        {
            report.Warning("engine-gives-no-fact", place,
                $"'{policy.Document.Name}' matches on the image digest '{image}', but CRI gives the image as the pod wrote it, usually without a digest. Match on name and tag.");
        }
    }

    private static bool Means(MatchClause clause, Source source)
        => (clause.Engines.Length == 0 || Glob.IsAnyMatch(clause.Engines, source.Engine))
        && (clause.EngineNamespaces.Length == 0
            || (source.EngineNamespace is null ? clause.Engines.Length > 0 : Glob.IsAnyMatch(clause.EngineNamespaces, source.EngineNamespace)));

    private static Dictionary<string, string[]> Used(MatchClause clause)
        => new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["namespaces"] = clause.Namespaces,
            ["pods"] = clause.Pods,
            ["names"] = clause.Names,
            ["images"] = clause.Images,
            ["engineNamespaces"] = clause.Engines.Length > 0 ? clause.EngineNamespaces : [],
        }.Where(u => u.Value.Length > 0).ToDictionary(StringComparer.Ordinal);

    private sealed record Source(string Name, string Engine, string? EngineNamespace, string[] Missing);
}
