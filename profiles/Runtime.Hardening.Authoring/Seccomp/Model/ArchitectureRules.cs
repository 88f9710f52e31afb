using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>A profile's rules by number, on one architecture.</summary>
internal sealed class ArchitectureRules
{
    private readonly Dictionary<uint, NumberRules> _numbers = [];

    /// <param name="profile">Whose rules.</param>
    /// <param name="architecture">For which architecture.</param>
    /// <param name="alone">The call that shares no comparisons with another call or architecture of the filter.</param>
    public ArchitectureRules(SeccompProfile profile, SeccompArchitecture architecture, string? alone = null)
    {
        foreach ((string name, SyscallOutcome outcome) in profile.Outcomes)
        {
            if (SyscallTable.Number(architecture, name) is { } number && !(architecture.HasMultiplexer && name is MultiplexedCall.Socket or MultiplexedCall.Ipc))
            {
                var rules = new NumberRules(architecture.Bits, name == alone);
                rules.Add(name, outcome);
                _numbers.Add((uint)number, rules);
            }
        }

        if (architecture.HasMultiplexer)
        {
            foreach (string name in (string[])[MultiplexedCall.Socket, MultiplexedCall.Ipc])
            {
                _numbers.Add((uint)SyscallTable.Number(architecture, name)!.Value, MultiplexedCall.RulesOf(name, profile, architecture.Bits));
            }
        }
    }

    public NumberRules? Find(uint number) => _numbers.GetValueOrDefault(number);
}
