using Runtime.Hardening.Authoring.Compiling;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Explaining;

/// <summary>One field that differs between two sets.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Field">Below spec; <c>policy</c> when the whole policy came or went.</param>
/// <param name="Before">Its value, or null when it was not there.</param>
/// <param name="After">Its value, or null when it is gone.</param>
public sealed record FieldDifference(string Policy, string Field, string? Before, string? After);

/// <summary>Compares two sets field by field, after inheritance: what is written differently and means the same is no difference.</summary>
public static class SetDifference
{
    /// <summary>The differences, in the order of policies and fields.</summary>
    public static IReadOnlyList<FieldDifference> Of(CompiledSet before, CompiledSet after)
    {
        List<FieldDifference> differences = [];
        IEnumerable<string> names = before.Policies.Concat(after.Policies).Select(p => p.Name).Distinct().Order(StringComparer.Ordinal);
        foreach (string name in names)
        {
            Compare(name, Find(before, name), Find(after, name), differences);
        }

        return differences;
    }

    private static void Compare(string name, Policy? before, Policy? after, List<FieldDifference> differences)
    {
        if (before is null || after is null)
        {
            differences.Add(new FieldDifference(name, "policy", before is null ? null : "present", after is null ? null : "present"));
        }

        SortedDictionary<string, string> old = before is null ? [] : PolicyText.Fields(before);
        SortedDictionary<string, string> now = after is null ? [] : PolicyText.Fields(after);
        foreach (string field in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            string? left = old.GetValueOrDefault(field);
            string? right = now.GetValueOrDefault(field);
            if (left != right)
            {
                differences.Add(new FieldDifference(name, field, left, right));
            }
        }
    }

    private static Policy? Find(CompiledSet set, string name) => set.Policies.FirstOrDefault(p => p.Name == name);
}
