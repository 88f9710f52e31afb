using Runtime.Hardening.Authoring.Seccomp.Checks;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>A call that a meet allows with fewer arguments than its parts have in common.</summary>
/// <param name="Name">The call.</param>
/// <param name="IsDenied">Whether nothing is left of it.</param>
public sealed record MeetLoss(string Name, bool IsDenied)
{
    /// <summary>Whether runc or crun make the call themselves, so that containers may not start without it.</summary>
    public bool IsOfFloor => RuntimeFloor.Required.Contains(Name) || RuntimeFloor.Sometimes.Contains(Name);
}

/// <summary>
/// Finds what a meet leaves out for safety. A meet is never looser than its parts, and where a profile cannot say what they have in common it is tighter; whoever asked
/// for it should know of which calls.
/// </summary>
/// <remarks>
/// <see cref="SeccompMeet.Lost"/> asks less, on the hook's path, where every created container waits for the answer: it looks at each call once and finds those of which
/// nothing is left, which is what a container's user will notice. This one also finds calls of which some arguments are gone, and for that compares every pair of
/// alternatives, which only a person at the command line has time for. Where conditions of the parts exclude each other nothing is lost, and only that
/// one, which does not look at conditions, names the call.
/// </remarks>
public static class MeetLosses
{
    /// <summary>The calls, by name.</summary>
    /// <param name="a">The first part.</param>
    /// <param name="b">The second.</param>
    /// <param name="meet">What was made of both.</param>
    public static IEnumerable<MeetLoss> Of(SeccompProfile a, SeccompProfile b, SeccompProfile meet)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(meet);
        foreach (string name in a.Outcomes.Keys.Union(b.Outcomes.Keys).Order(StringComparer.Ordinal))
        {
            SeccompCondition[][] left = Allowed(a, name), right = Allowed(b, name), made = Allowed(meet, name);
            bool isSmaller = left.Any(l => right.Any(r => !ConditionLogic.Exclude(l, r) && !Array.Exists(made, m => ConditionAlgebra.Imply([.. l, .. r], m))));
            if (isSmaller)
            {
                yield return new MeetLoss(name, made.Length == 0);
            }
        }
    }

    // The alternatives under which the call passes. A default that lets it pass counts as "always", whatever is denied beside it.
    private static SeccompCondition[][] Allowed(SeccompProfile profile, string name)
    {
        SyscallOutcome outcome = profile[name];
        if ((outcome.Unconditional ?? profile.Default).Action <= SeccompAction.Log)
        {
            return [[]];
        }

        return outcome.Unconditional is not null ? [] : [.. outcome.Conditional.Where(static rule => rule.Result.Action <= SeccompAction.Log).Select(static rule => rule.Conditions)];
    }
}
