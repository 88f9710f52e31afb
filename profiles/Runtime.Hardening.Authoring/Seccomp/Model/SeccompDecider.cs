using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>A rule as it stands in the filter of one architecture.</summary>
/// <param name="Name">The system call that the profile names; for a multiplexed call it is not the one that was made.</param>
/// <param name="Result">What happens.</param>
/// <param name="Conditions">What must hold, after libseccomp's own changes; empty for a rule that always holds.</param>
public sealed record SeccompDecider(string Name, SeccompResult Result, SeccompCondition[] Conditions)
{
    internal bool Holds(ReadOnlySpan<ulong> arguments, int bits)
    {
        foreach (SeccompCondition condition in Conditions)
        {
            if (!condition.Holds(arguments[(int)condition.Index], bits))
            {
                return false;
            }
        }

        return true;
    }
}
