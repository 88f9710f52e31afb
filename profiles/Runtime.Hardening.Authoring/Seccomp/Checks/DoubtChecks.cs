using System.Globalization;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>Rules whose conditions cannot be relied on, with what else compares arguments in the profile.</summary>
internal static class DoubtChecks
{
    public static void Run(ProfileDocument document, SeccompProfile meaning, LintReport report)
    {
        foreach (string name in ConditionDoubt.CallsOf(meaning))
        {
            (PlacedName At, ProfileRule Rule)[] rules = [.. Conditional(document).Where(r => r.At.Name == name)];
            // The longest says the most: without it, equalities side by side are no problem.
            (PlacedName at, ProfileRule _) = rules.MaxBy(static r => r.Rule.Conditions.Count);
            string[] others = [.. Conditional(document).Where(r => r.At.Name != name && !r.Rule.Conditions.All(ConditionAlgebra.IsLowMask))
                .Select(static r => string.Create(CultureInfo.InvariantCulture, $"'{r.At.Name}' in line {r.At.Location.Line}")).Distinct()];
            bool isBecauseOfOthers = !ConditionAlgebra.MayConfuse([.. rules.Select(static r => r.Rule.Conditions.ToArray())], alone: true);
            string way = !isBecauseOfOthers ? "Write an entry for each value, with one SCMP_CMP_EQ below 2^32"
                : others.Length > 0 ? $"Take the conditions away from {string.Join(", ", others)}, or leave one condition in every entry of '{name}'"
                : $"List one architecture alone, the node's, or leave one condition in every entry of '{name}'";
            report.Warning("conditions-may-be-confused", at.Location, $"'{name}' has several entries over one argument, and {ConditionDoubt.Sentence}. {way}.");
        }
    }

    private static IEnumerable<(PlacedName At, ProfileRule Rule)> Conditional(ProfileDocument document)
        => document.Rules.Where(r => r.Conditions.Count > 0 && r.Result != document.Default).SelectMany(static r => r.Names.Select(n => (n, r)));
}
