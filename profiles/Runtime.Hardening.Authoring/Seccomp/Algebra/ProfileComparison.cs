using System.Numerics;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// One comparison of two profiles. A name means the same on every architecture but for how much of an argument is compared, so names are compared once
/// for 64 and once for 32 bits; only multiplexers and what runc's stub takes away are a matter of numbers.
/// </summary>
internal sealed class ProfileComparison
{
    private static readonly SeccompResult s_enosys = new(SeccompAction.Errno, 38);

    private readonly SeccompProfile _a, _b;
    private readonly SyscallLimits _limitsA, _limitsB;
    private readonly BlindArchitectures _blindA, _blindB;
    private readonly uint _common;
    private readonly uint _blind;
    private readonly uint _onlyA;
    private readonly string? _aloneA, _aloneB;
    private readonly string? _unknownOnlyA;
    private readonly bool _unknownCommon;
    private string? _doubt;

    public ProfileComparison(SeccompProfile a, SeccompProfile b, SeccompRuntime runtime, SeccompArchitecture native)
    {
        (_a, _b) = (a, b);
        _limitsA = new SyscallLimits(a, runtime, native);
        _limitsB = new SyscallLimits(b, runtime, native);
        _aloneA = _limitsA.HasOneArchitecture ? SharedComparisons.OnlyCall(a) : null;
        _aloneB = _limitsB.HasOneArchitecture ? SharedComparisons.OnlyCall(b) : null;
        _blindA = new BlindArchitectures(a, runtime, _limitsA.Architectures);
        _blindB = new BlindArchitectures(b, runtime, _limitsB.Architectures);
        _common = _limitsA.Architectures & _limitsB.Architectures;
        _blind = _common & (_blindA.Certain | _blindA.Possible | _blindB.Certain | _blindB.Possible);
        _common &= ~_blind;
        _onlyA = _limitsA.Architectures & ~_limitsB.Architectures;
        foreach (string name in a.Architectures)
        {
            if (SyscallTable.Find(name) is null)
            {
                bool both = b.Architectures.Contains(name);
                _unknownCommon |= both;
                _unknownOnlyA = both ? _unknownOnlyA : name;
            }
        }
    }

    public Tightness Run()
    {
        SeccompWitness? witness = CompareNames() ?? CompareDefaults() ?? CompareMultiplexers() ?? CompareBlind() ?? CompareForeign();
        if (witness is not null)
        {
            return Tightness.No(witness);
        }

        _doubt ??= _unknownOnlyA is null ? null : $"it allows calls of {_unknownOnlyA}, whose numbers are not in the table, and the other profile does not list it";
        return _doubt is null ? Tightness.Yes : Tightness.CannotProve(_doubt);
    }

    private SeccompWitness? CompareNames()
    {
        foreach ((string name, SyscallOutcome outcome) in _a.Outcomes)
        {
            if (CompareName(name, outcome, _b[name]) is { } witness)
            {
                return witness;
            }
        }

        foreach ((string name, SyscallOutcome outcome) in _b.Outcomes)
        {
            if (!_a.Outcomes.ContainsKey(name) && CompareName(name, _a[name], outcome) is { } witness)
            {
                return witness;
            }
        }

        return null;
    }

    private SeccompWitness? CompareName(string name, in SyscallOutcome a, in SyscallOutcome b)
    {
        if (a.Conditional.Length == 0 && b.Conditional.Length == 0 && a.Unconditional!.Value.IsAtLeast(b.Unconditional!.Value) && !_limitsB.HasStub && !_limitsA.HasStub)
        {
            return null;
        }

        uint mask = SyscallTable.Mask(name) & _common;
        if (name is MultiplexedCall.Socket or MultiplexedCall.Ipc)
        {
            mask &= ~SyscallLimits.Multiplexed;
        }

        uint byFilters = mask;
        for (uint rest = _limitsA.HasStub || _limitsB.HasStub ? mask : 0; rest != 0; rest &= rest - 1)
        {
            int index = BitOperations.TrailingZeroCount(rest);
            SeccompArchitecture architecture = SyscallTable.Architectures[index];
            uint number = (uint)SyscallTable.Number(architecture, name)!.Value;
            if (number > _limitsA.Largest[index] || number > _limitsB.Largest[index])
            {
                byFilters &= ~(1u << index);
                if (CompareBehindStub(architecture, name, number, a, b) is { } witness)
                {
                    return witness;
                }
            }
        }

        uint wide = byFilters & SyscallLimits.Wide, narrow = byFilters & ~SyscallLimits.Wide;
        return (wide != 0 || _unknownCommon ? CompareIn(64, wide, name, a, b) : null)
            ?? (narrow != 0 || _unknownCommon ? CompareIn(32, narrow, name, a, b) : null);
    }

    private SeccompWitness? CompareIn(int bits, uint architectures, string name, in SyscallOutcome a, in SyscallOutcome b)
    {
        if (a.Conditional.Length == 0 && b.Conditional.Length == 0)
        {
            return a.Unconditional!.Value.IsAtLeast(b.Unconditional!.Value) ? null : Witness(architectures, name, new ulong[6], a.Unconditional.Value, b.Unconditional.Value);
        }

        // Equal rules do equal things, and where none holds the defaults are compared.
        if (a.Unconditional == b.Unconditional && _a.Default.IsAtLeast(_b.Default) && a.Conditional.AsSpan().SequenceEqual(b.Conditional)
            && !(a.Conditional.Length > 1 && ConditionAlgebra.MayConfuse(Array.ConvertAll(a.Conditional, static rule => rule.Conditions), name == _aloneA && name == _aloneB)))
        {
            return null;
        }

        NumberRules left = new(bits, name == _aloneA), right = new(bits, name == _aloneB);
        left.Add(name, a);
        right.Add(name, b);
        return Judge(RuleComparison.Compare(left, _a.Default, right, _b.Default, bits), architectures, name);
    }

    // One of the two is answered by runc's stub; both may be.
    private SeccompWitness? CompareBehindStub(SeccompArchitecture architecture, string? name, uint number, in SyscallOutcome a, in SyscallOutcome b)
    {
        bool stubA = number > _limitsA.Largest[architecture.Index], stubB = number > _limitsB.Largest[architecture.Index];
        if (stubA && stubB)
        {
            return null;
        }

        if (stubA)
        {
            SeccompResult strictest = b.Conditional.Aggregate(b.Unconditional ?? _b.Default, static (result, rule) => SeccompResult.Strictest(result, rule.Result));
            return s_enosys.IsAtLeast(strictest) ? null : new SeccompWitness(architecture, name, number, new ulong[6], s_enosys, strictest);
        }

        SeccompResult loosest = a.Conditional.Aggregate(a.Unconditional ?? _a.Default, static (result, rule) => SeccompResult.Loosest(result, rule.Result));
        return loosest.Action >= SeccompAction.Errno ? null : new SeccompWitness(architecture, name, number, new ulong[6], loosest, s_enosys);
    }

    // Numbers that neither profile names.
    private SeccompWitness? CompareDefaults()
    {
        for (uint rest = _common; rest != 0; rest &= rest - 1)
        {
            SeccompArchitecture architecture = SyscallTable.Architectures[BitOperations.TrailingZeroCount(rest)];
            uint largestA = _limitsA.Largest[architecture.Index], largestB = _limitsB.Largest[architecture.Index];
            if (!_a.Default.IsAtLeast(_b.Default) && Unnamed(architecture, 0, Math.Min(largestA, largestB)) is { } both)
            {
                return new SeccompWitness(architecture, null, both, new ulong[6], _a.Default, _b.Default);
            }

            var a = new SyscallOutcome(_a.Default, []);
            var b = new SyscallOutcome(_b.Default, []);
            if (largestA != largestB && Unnamed(architecture, Math.Min(largestA, largestB) + 1, Math.Max(largestA, largestB)) is { } one
                && CompareBehindStub(architecture, null, one, a, b) is { } witness)
            {
                return witness;
            }
        }

        return null;
    }

    // The last number of the range that neither names: numbers of tomorrow are better witnesses than today's.
    private uint? Unnamed(SeccompArchitecture architecture, uint from, uint to)
    {
        uint last = Math.Min(to, architecture.NumberBit | 9999);
        for (uint number = last + 1; number-- > Math.Max(from, architecture.NumberBit);)
        {
            if (SyscallTable.Name(architecture, (int)number) is not { } name || !(_a.Outcomes.ContainsKey(name) || _b.Outcomes.ContainsKey(name)))
            {
                return number;
            }
        }

        return null;
    }

    private SeccompWitness? CompareMultiplexers()
    {
        for (uint rest = _common & SyscallLimits.Multiplexed; rest != 0; rest &= rest - 1)
        {
            SeccompArchitecture architecture = SyscallTable.Architectures[BitOperations.TrailingZeroCount(rest)];
            foreach (string name in (ReadOnlySpan<string>)[MultiplexedCall.Socket, MultiplexedCall.Ipc])
            {
                NumberRules a = MultiplexedCall.RulesOf(name, _a, architecture.Bits), b = MultiplexedCall.RulesOf(name, _b, architecture.Bits);
                if (Judge(RuleComparison.Compare(a, _a.Default, b, _b.Default, architecture.Bits), 1u << architecture.Index, name) is { } witness)
                {
                    return witness;
                }
            }
        }

        return null;
    }

    // Architectures where libseccomp forgets the rules of one of the two, or may forget them.
    private SeccompWitness? CompareBlind()
    {
        for (uint rest = _blind; rest != 0; rest &= rest - 1)
        {
            SeccompArchitecture architecture = SyscallTable.Architectures[BitOperations.TrailingZeroCount(rest)];
            foreach (ArchitectureRules? a in States(_a, _blindA, architecture))
            {
                foreach (ArchitectureRules? b in States(_b, _blindB, architecture))
                {
                    bool isCertain = ((_blindA.Possible | _blindB.Possible) & (1u << architecture.Index)) == 0;
                    if (CompareRules(architecture, a, b) is { } witness)
                    {
                        if (isCertain)
                        {
                            return witness;
                        }

                        _doubt ??= $"{witness}, if libseccomp counts its comparisons so that it loads the number there";
                    }
                }
            }
        }

        return null;
    }

    private static ArchitectureRules?[] States(SeccompProfile profile, BlindArchitectures blind, SeccompArchitecture architecture)
    {
        uint bit = 1u << architecture.Index;
        ArchitectureRules?[] seeing = (blind.Certain & bit) != 0 ? [] : [new ArchitectureRules(profile, architecture)];
        return ((blind.Certain | blind.Possible) & bit) != 0 ? [.. seeing, null] : seeing;
    }

    private SeccompWitness? CompareRules(SeccompArchitecture architecture, ArchitectureRules? a, ArchitectureRules? b)
    {
        if (!_a.Default.IsAtLeast(_b.Default) && Unnamed(architecture, 0, uint.MaxValue) is { } unnamed)
        {
            return new SeccompWitness(architecture, null, unnamed, new ulong[6], _a.Default, _b.Default);
        }

        foreach (string name in _a.Outcomes.Keys.Union(_b.Outcomes.Keys).Union([MultiplexedCall.Socket, MultiplexedCall.Ipc]))
        {
            if (SyscallTable.Number(architecture, name) is { } number
                && Judge(RuleComparison.Compare(a?.Find((uint)number), _a.Default, b?.Find((uint)number), _b.Default, architecture.Bits), 1u << architecture.Index, name) is { } witness)
            {
                return witness;
            }
        }

        return null;
    }

    // Architectures that only the first profile's filter is for: the other kills whatever comes from there.
    private SeccompWitness? CompareForeign()
    {
        for (uint rest = _onlyA; rest != 0; rest &= rest - 1)
        {
            SeccompArchitecture architecture = SyscallTable.Architectures[BitOperations.TrailingZeroCount(rest)];
            SeccompResult killed = new(SeccompAction.KillThread, 0);
            if (!_a.Default.IsAtLeast(killed) && Unnamed(architecture, 0, uint.MaxValue) is { } unnamed)
            {
                return new SeccompWitness(architecture, null, unnamed, new ulong[6], _a.Default, killed);
            }

            // As long as the filter sees the number at all.
            uint bit = 1u << architecture.Index;
            var rules = new ArchitectureRules(_a, architecture);
            foreach (string name in (_blindA.Certain & bit) != 0 ? [] : _a.Outcomes.Keys.Union([MultiplexedCall.Socket, MultiplexedCall.Ipc]))
            {
                if (SyscallTable.Number(architecture, name) is { } number
                    && Judge(RuleComparison.Compare(rules.Find((uint)number), _a.Default, null, killed, architecture.Bits), bit, name) is { } witness)
                {
                    if ((_blindA.Possible & bit) == 0)
                    {
                        return witness;
                    }

                    _doubt ??= $"{witness}, if libseccomp counts its comparisons so that it loads the number there";
                }
            }
        }

        return null;
    }

    private SeccompWitness? Judge(Comparison comparison, uint architectures, string name)
    {
        if (comparison.Answer == TightnessAnswer.CannotProve)
        {
            _doubt ??= $"{name}: {comparison.Doubt}";
        }

        return comparison.Answer == TightnessAnswer.No ? Witness(architectures, name, comparison.Arguments!, comparison.Left, comparison.Right) : null;
    }

    private SeccompWitness? Witness(uint architectures, string name, ulong[] arguments, SeccompResult left, SeccompResult right)
    {
        if (architectures == 0)
        {
            _doubt ??= $"{name}: it would be looser on an architecture whose numbers are not in the table";
            return null;
        }

        SeccompArchitecture architecture = SyscallTable.Architectures[BitOperations.TrailingZeroCount(architectures)];
        return new SeccompWitness(architecture, name, (uint)SyscallTable.Number(architecture, name)!.Value, arguments, left, right);
    }
}
