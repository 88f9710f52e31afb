using System.Text.Json;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary><c>require.mounts</c>: sources on the host that no container may be given. Symbolic links are followed, because the mount follows them;
/// <c>proc</c> and <c>tmpfs</c> are no paths.</summary>
internal sealed class MountsRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        if (!Array.Exists(context.Policies, static policy => policy.RequireMounts is not null))
        {
            return;
        }

        List<string> sources = ReadSources(context.Spec);
        foreach (Policy policy in context.Policies)
        {
            foreach (string source in sources)
            {
                if (policy.RequireMounts is not { } mounts)
                {
                    continue;
                }

                if (!source.StartsWith('/'))
                {
                    Requirement.Violated(decision, RuleId.RequireMounts, policy, mounts.Otherwise,
                        $"the container mounts the relative source '{source}', which leads out of its bundle; name it by its absolute path");
                }
                else if (Glob.IsAnyMatch(mounts.DenySources, source) || Glob.IsAnyMatch(mounts.DenySources, HostFacts.RealPath(source)))
                {
                    Requirement.Violated(decision, RuleId.RequireMounts, policy, mounts.Otherwise,
                        $"the container mounts '{source}' of the host, which the policy denies; take the volume out, or exempt the container");
                }
            }
        }
    }

    private static List<string> ReadSources(ContainerSpec spec)
    {
        var sources = new List<string>();
        if (!spec.Has(SpecPath.Mounts))
        {
            return sources;
        }

        var reader = new Utf8JsonReader(spec.Raw(SpecPath.Mounts));
        try
        {
            JsonMembers.OpenArray(ref reader, SpecPath.Mounts.Text());
            while (JsonMembers.NextObject(ref reader, SpecPath.Mounts.Text()))
            {
                while (JsonMembers.Next(ref reader, out string name))
                {
                    if (!SpecKeys.Clashes(name, "source"))
                    {
                        JsonMembers.Skip(ref reader);
                        continue;
                    }

                    // Whichever of two spellings a runtime takes, each source is looked at.
                    string source = JsonMembers.Text(ref reader, name);
                    if (source.Contains("../", StringComparison.Ordinal) && !source.StartsWith('/'))
                    {
                        sources.Add(source);   // runtimes join it with the bundle's path
                    }
                    else if (source.StartsWith('/'))
                    {
                        sources.Add(Path.GetFullPath(source) is var full && full.Length > 1 ? full.TrimEnd('/') : "/");
                    }
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)   // the last: a NUL in a path
        {
            throw new SpecFormatException($"{SpecPath.Mounts.Text()}: {e.Message}.");
        }

        return sources;
    }
}
