using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>Calls of whose conditions libseccomp may make something else, and how that is said.</summary>
internal static class ConditionDoubt
{
    /// <summary>The sentence, without whose conditions they are.</summary>
    public const string Sentence = "libseccomp may make something else of its conditions (a fault of libseccomp 2.5 and 2.6 where several conditions on one argument share a filter with other calls' conditions)";

    /// <summary>The calls of a profile, in its order.</summary>
    public static IEnumerable<string> CallsOf(SeccompProfile profile)
    {
        string? alone = new SyscallLimits(profile, SeccompRuntime.Crun, SyscallTable.Native).HasOneArchitecture ? SharedComparisons.OnlyCall(profile) : null;
        foreach ((string name, SyscallOutcome outcome) in profile.Outcomes)
        {
            if (outcome.Unconditional is null && outcome.Conditional.Length > 1
                && ConditionAlgebra.MayConfuse(Array.ConvertAll(outcome.Conditional, static rule => rule.Conditions), name == alone))
            {
                yield return name;
            }
        }
    }
}
