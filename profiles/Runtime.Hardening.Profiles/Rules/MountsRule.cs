using System.Text.Json;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary><c>require.mounts</c>: sources on the host that no container may be given. Only absolute sources count: <c>proc</c> and <c>tmpfs</c> are no paths.</summary>
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
                if (policy.RequireMounts is { } mounts && Glob.IsAnyMatch(mounts.DenySources, source))
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
            while (JsonMembers.NextElement(ref reader))
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
                    if (source.StartsWith('/'))
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
