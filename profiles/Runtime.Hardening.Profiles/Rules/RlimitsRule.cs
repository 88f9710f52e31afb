using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>Lowers resource limits to what the policies allow; never raises one.</summary>
internal sealed class RlimitsRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        string policies = context.Names(static policy => policy.Rlimits.Length > 0);
        if (policies.Length == 0 || !context.Spec.Has(SpecPath.Process))
        {
            return;
        }

        var wanted = new SortedDictionary<string, Rlimit>(StringComparer.Ordinal);
        foreach (Rlimit limit in context.Policies.SelectMany(static policy => policy.Rlimits))
        {
            wanted[limit.Type] = wanted.TryGetValue(limit.Type, out Rlimit? other) ? other.Min(limit) : limit;
        }

        Lower(context.Spec, wanted.Values, context.Host.InheritedLimit, policies, decision.Edits);
    }

    /// <summary>Adds the edit that puts every limit under its ceiling; none when all are.</summary>
    /// <param name="spec">config.json or process.json.</param>
    /// <param name="ceilings">At most one a type.</param>
    /// <param name="inherited">The limit that a process gets where the spec has none.</param>
    /// <param name="policies">Who asks, for people.</param>
    /// <param name="edits">Receives the edit.</param>
    internal static void Lower(
        ContainerSpec spec, IEnumerable<Rlimit> ceilings, Func<string, Rlimit?> inherited, string policies, EditList edits)
    {
        Rlimit[] present = spec.Rlimits();
        List<Rlimit> result = [.. present];
        foreach (Rlimit ceiling in ceilings)
        {
            bool found = false;
            for (int i = 0; i < result.Count; i++)
            {
                if (result[i].Type == ceiling.Type)
                {
                    result[i] = result[i].Min(ceiling);
                    found = true;
                }
            }

            if (!found)
            {
                // Without an entry the process keeps the runtime's own limit, which may already be lower: asking for more would loosen it, or fail.
                result.Add(inherited(ceiling.Type) is { } own ? own.Min(ceiling) : ceiling);
            }
        }

        if (result.SequenceEqual(present))
        {
            return;
        }

        var writer = new JsonText(256);
        writer.OpenArray();
        foreach (Rlimit limit in result)
        {
            RlimitJson.Write(writer, limit);
        }

        writer.CloseArray();
        edits.Add(new SpecEdit(SpecPath.Rlimits, writer.ToArray(), RuleId.Rlimits, policies, Short(present), Short([.. result])));
    }

    private static string Short(Rlimit[] limits)
        => limits.Length == 0 ? "none" : string.Join(' ', limits.Select(static limit => $"{limit.Type}={limit}"));
}
