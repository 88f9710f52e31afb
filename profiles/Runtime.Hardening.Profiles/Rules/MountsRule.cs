using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary><c>require.mounts</c>: sources on the host that no container may be given. Symbolic links are followed, because the mount follows them;
/// a second view of /proc or /sys counts as those folders.</summary>
internal sealed class MountsRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        if (!Array.Exists(context.Policies, static policy => policy.RequireMounts is not null))
        {
            return;
        }

        List<MountedSource> sources = MountedSource.ReadAll(context.Spec, context.Bundle);
        string own = context.Bundle.Length == 0 ? "" : HostFacts.RealFolder(context.Bundle) + "/";
        sources.RemoveAll(source => IsEngines(source.Place, own));
        foreach (Policy policy in context.Policies)
        {
            foreach (MountedSource source in sources)
            {
                if (policy.RequireMounts is not { } mounts)
                {
                    continue;
                }

                if (!source.Place.StartsWith('/'))
                {
                    Requirement.Violated(decision, RuleId.RequireMounts, policy, mounts.Otherwise,
                        $"the container mounts the relative source {source.Described}, which leads out of its bundle; name it by its absolute path");
                }
                else if (Glob.IsAnyMatch(mounts.DenySources, source.Place) || Glob.IsAnyMatch(mounts.DenySources, HostFacts.RealPath(source.Place)))
                {
                    Requirement.Violated(decision, RuleId.RequireMounts, policy, mounts.Otherwise,
                        $"the container mounts {source.Described}, which the policy denies; take the volume out, or change denySources or match of the policy");
                }
            }
        }
    }

    // Wherever an engine keeps its containers: what it lays into the bundle itself is this container's (Podman's shm and hosts), but for the spec, from which
    // runc takes processes that join.
    private static bool IsEngines(string place, string bundle)
        => bundle.Length > 1 && place.StartsWith('/') && HostFacts.RealPath(place) is var real && real.StartsWith(bundle, StringComparison.Ordinal)
            && !real.AsSpan(bundle.Length).StartsWith("config.json");
}
