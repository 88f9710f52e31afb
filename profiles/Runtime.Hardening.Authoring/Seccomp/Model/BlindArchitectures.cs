using System.Numerics;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// Where libseccomp (2.5.0 and later) forgets to load the number of the call, so that no rule is ever reached and the default answers everything. The load stands before
/// the first call in its order, which is the one with the fewest comparisons, then the one with the smallest number. A call that the architecture does not
/// have is in that order too, behind all that it has, but is left out of the program: where it comes first, the load is left out with it. It does not happen
/// in a binary tree, nor to x86-64 without x32, whose filter loads the number before.
/// </summary>
internal sealed class BlindArchitectures
{
    private const int X64 = 0, X32 = 2;
    private const int LongEnoughForATree = 32;

    public BlindArchitectures(SeccompProfile profile, SeccompRuntime runtime, uint architectures)
    {
        if (runtime == SeccompRuntime.Runc && profile.Outcomes.Count + profile.NamedOnly.Count > LongEnoughForATree)
        {
            return;
        }

        bool both = (architectures & (1u << X64)) != 0 && (architectures & (1u << X32)) != 0;
        uint suspects = both ? architectures & ~(1u << X32) : architectures & ~(1u << X64) & ~(1u << X32);
        // One call that is there and has no condition is enough, and nearly every profile has it.
        foreach ((string name, SyscallOutcome outcome) in profile.Outcomes)
        {
            if (suspects == 0)
            {
                return;
            }

            suspects &= outcome.Unconditional is null ? uint.MaxValue : ~SyscallTable.Mask(name);
        }

        for (; suspects != 0; suspects &= suspects - 1)
        {
            int index = BitOperations.TrailingZeroCount(suspects);
            var order = new FirstCall();
            order.Add(profile, SyscallTable.Architectures[index], secondary: false);
            if (index == X64)
            {
                order.Add(profile, SyscallTable.Architectures[X32], secondary: true);
            }

            uint bits = index == X64 ? (1u << X64) | (1u << X32) : 1u << index;
            Certain |= order.IsAbsent ? bits : 0;
            Possible |= order.MayBeAbsent ? bits : 0;
        }
    }

    /// <summary>Bit i: the default answers everything on the i-th architecture.</summary>
    public uint Certain { get; }

    /// <summary>Bit i: it may, and only libseccomp's count of comparisons tells.</summary>
    public uint Possible { get; }

    /// <summary>Finds which call comes first. A place is the number of comparisons, then which of two filters, then whether the call is absent.</summary>
    private sealed class FirstCall
    {
        private (int Least, int Most) _present = (int.MaxValue, int.MaxValue), _absent = (int.MaxValue, int.MaxValue);

        public bool IsAbsent => _absent.Most < _present.Least;

        public bool MayBeAbsent => !IsAbsent && _absent.Least < _present.Most;

        public void Add(SeccompProfile profile, SeccompArchitecture architecture, bool secondary)
        {
            foreach ((string name, SyscallOutcome outcome) in profile.Outcomes)
            {
                bool present = SyscallTable.Number(architecture, name) is not null;
                // Where calls are multiplexed, libseccomp drops what it does not have, but for those calls themselves.
                if (!SyscallTable.IsKnown(name) || (architecture.HasMultiplexer && (name is MultiplexedCall.Socket or MultiplexedCall.Ipc || (!present && !MultiplexedCall.All.ContainsKey(name)))))
                {
                    continue;
                }

                var rules = new NumberRules(architecture.Bits);
                rules.Add(name, outcome);
                Note(rules, architecture, secondary, present);
            }

            foreach (string name in architecture.HasMultiplexer ? (string[])[MultiplexedCall.Socket, MultiplexedCall.Ipc] : [])
            {
                NumberRules rules = MultiplexedCall.RulesOf(name, profile, architecture.Bits);
                if (rules.Always is not null || rules.Conditional.Count > 0)
                {
                    Note(rules, architecture, secondary, present: true);
                }
            }
        }

        private void Note(NumberRules rules, SeccompArchitecture architecture, bool secondary, bool present)
        {
            int least = int.MaxValue, most = 0;
            foreach (SeccompDecider rule in rules.Conditional)
            {
                int comparisons = rule.Conditions.Sum(condition => !architecture.Is64Bit ? 1 : condition.Op is "SCMP_CMP_EQ" or "SCMP_CMP_NE" or Conditions.MaskedEqual ? 2 : 3);
                least = Math.Min(least, comparisons);
                most += comparisons;   // or less, where rules share comparisons
            }

            int place = (secondary ? 2 : 0) + (present ? 0 : 1);
            (int Least, int Most) range = rules.Always is not null ? (place, place) : ((4 * least) + place, (4 * most) + place);
            ref (int Least, int Most) first = ref present ? ref _present : ref _absent;
            first = (Math.Min(first.Least, range.Least), Math.Min(first.Most, range.Most));
        }
    }
}
