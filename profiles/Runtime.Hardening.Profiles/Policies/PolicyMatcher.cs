using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Profiles.Policies;

/// <summary>Whether a policy is about a container, and if not, why: the hook asks the first, <c>hardenctl policy explain</c> both.</summary>
public static class PolicyMatcher
{
    /// <summary>Whether any clause matches. A policy without clauses is about every container.</summary>
    public static bool IsMatch(Policy policy, ContainerFacts facts)
        => policy.Match.Length == 0 || Array.Exists(policy.Match, clause => Mismatch(clause, facts) is null);

    /// <summary>The first key of a clause that does not fit, as a sentence; null when all do.</summary>
    public static string? Mismatch(MatchClause clause, ContainerFacts facts)
    {
        if (clause.Containers != ContainerKinds.All && facts.IsSandbox != (clause.Containers == ContainerKinds.Sandbox))
        {
            return facts.IsSandbox ? "it is a pod sandbox, and the policy is about workloads" : "it is a workload, and the policy is about pod sandboxes";
        }

        if (clause.Privileged is bool privileged && privileged != facts.LooksPrivileged)
        {
            return facts.LooksPrivileged ? "it looks privileged" : "it does not look privileged";
        }

        string? mismatch = Check("engine", clause.Engines, facts.Engine)
            ?? Check("engine namespace", clause.EngineNamespaces, facts.EngineNamespace)
            ?? Check("pod namespace", clause.Namespaces, facts.PodNamespace)
            ?? Check("pod", clause.Pods, facts.Pod)
            ?? Check("container name", clause.Names, facts.Name)
            ?? Check("image", clause.Images, facts.Image)
            ?? Check("hostname", clause.Hostnames, facts.Hostname);
        if (mismatch is not null)
        {
            return mismatch;
        }

        foreach ((string key, string glob) in clause.Annotations)
        {
            if (!facts.Annotations.TryGetValue(key, out string? value))
            {
                return $"it has no annotation '{key}'";
            }

            if (!Glob.IsMatch(glob, value))
            {
                return $"its annotation '{key}' does not match '{glob}'";
            }
        }

        return null;
    }

    private static string? Check(string what, string[] globs, string value)
    {
        if (globs.Length == 0 || (value.Length > 0 && Glob.IsAnyMatch(globs, value)))
        {
            return null;
        }

        return value.Length == 0
            ? $"the engine gives no {what}"
            : $"its {what} '{value}' matches none of {string.Join(", ", globs)}";
    }
}
