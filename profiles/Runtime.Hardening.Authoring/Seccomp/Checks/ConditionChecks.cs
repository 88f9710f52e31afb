using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>Conditions on arguments that do not mean what they look like.</summary>
internal static class ConditionChecks
{
    public static void Run(ProfileDocument document, LintReport report)
    {
        foreach (ProfileRule rule in document.Rules.Where(static r => r.Conditions.Count > 0))
        {
            JToken[] places = [.. rule.Json["args"]!];
            if (places.Length != rule.Conditions.Count)
            {
                continue;   // some could not be read, which has been said
            }

            for (int i = 0; i < places.Length; i++)
            {
                Check(rule, i, places[i].Place(), report);
            }
        }
    }

    private static void Check(ProfileRule rule, int at, SourceLocation place, LintReport report)
    {
        SeccompCondition condition = rule.Conditions[at];
        if (rule.Conditions.Take(at).Any(c => c.Index == condition.Index))
        {
            string advice = rule.Allows && rule.Conditions.All(static c => c.Op == "SCMP_CMP_NE")
                ? "everything passes. To keep several values out, allow the others with an entry each (EQ)"
                : "one of them is enough. Write an entry for each value with EQ";
            report.Error("same-index", place,
                $"Argument {condition.Index} is compared twice in one entry. Runtimes make two rules of that, \"and\" becomes \"or\", and {advice}.");
        }
        else if (ConditionLogic.IsImpossible(condition))
        {
            report.Warning("condition-never", place, $"No value satisfies {Text(condition)}, so the entry never applies. Correct the value.");
        }
        else if (ConditionLogic.IsEmpty(condition))
        {
            report.Warning("condition-always", place, $"Every value satisfies {Text(condition)}. Remove the condition, or correct the value.");
        }
        else if (condition.Op == "SCMP_CMP_MASKED_EQ" && condition.ValueTwo != ConditionLogic.Wanted(condition))
        {
            report.Warning("bits-outside-mask", place,
                $"'valueTwo' ({condition.ValueTwo}) has bits outside the mask ('value', {condition.Value}), and libseccomp ignores them: this is {Text(condition.In(64))}. Take them out of 'valueTwo', or put them into the mask.");
        }
        else if (condition is { Op: not "SCMP_CMP_MASKED_EQ", ValueTwo: not 0 })
        {
            report.Warning("stray-value-two", place, $"'valueTwo' is read by SCMP_CMP_MASKED_EQ alone, and this is {condition.Op}. Remove it.");
        }
    }

    /// <summary>As findings quote it.</summary>
    internal static string Text(SeccompCondition condition) => $"'{condition.Op} {condition.Value}{(condition.Op == "SCMP_CMP_MASKED_EQ" ? $", {condition.ValueTwo}" : "")}'";
}
