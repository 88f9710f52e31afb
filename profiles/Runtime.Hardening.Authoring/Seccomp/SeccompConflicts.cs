using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// Finds rules of one profile that do not mean what they seem to: in one libseccomp filter the first unconditional rule for a call wins,
/// not the strictest one, and an unconditional rule swallows the conditional ones.
/// </summary>
internal static class SeccompConflicts
{
    public static void Run(IReadOnlyList<SyscallEntry> rules, LintReport report)
    {
        foreach (IGrouping<string, SyscallEntry> call in rules.GroupBy(r => r.Name, StringComparer.Ordinal))
        {
            SyscallEntry? unconditional = call.FirstOrDefault(r => r.Conditions.Length == 0);
            Dictionary<string, SyscallEntry> seen = new(StringComparer.Ordinal);
            foreach (SyscallEntry rule in call)
            {
                if (unconditional is not null && rule.Conditions.Length > 0)
                {
                    report.Error("condition-swallowed", rule.Location,
                        $"'{rule.Name}' has conditions here and none in line {unconditional.Location.Line}. The rule without conditions wins and these are dropped: keep one of them.");
                }
                else if (!seen.TryAdd(rule.Conditions, rule) && seen[rule.Conditions].Outcome != rule.Outcome)
                {
                    string effect = rule.Conditions.Length == 0 ? "the first one wins" : "no container starts with that";
                    report.Error("rules-contradict", rule.Location,
                        $"'{rule.Name}' is {rule.Outcome} here and {seen[rule.Conditions].Outcome} in line {seen[rule.Conditions].Location.Line}: {effect}. Keep one of them.");
                }
            }
        }
    }
}
