using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>What no edit can repair ends in a refusal or a report, as each policy says.</summary>
internal static class Requirement
{
    public static void Violated(PolicyDecision.Builder decision, RuleId rule, Policy policy, Otherwise otherwise, string message)
        => decision.Find(rule, policy.Name, otherwise == Otherwise.Refuse ? FindingOutcome.Refuse : FindingOutcome.Report, message);
}
