using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// What the filter that a runtime makes of a profile does with any system call: of any architecture, any number, any arguments. It says what libseccomp's
/// BPF and runc's stub were measured to do, not what a reader of the profile would expect.
/// </summary>
public sealed class SeccompModel
{
    private const uint X32Bit = 0x40000000;
    private static readonly SeccompResult s_badArchitecture = new(SeccompAction.KillThread, 0);
    private static readonly SeccompResult s_enosys = new(SeccompAction.Errno, 38);

    private readonly SeccompProfile _profile;
    private readonly ArchitectureRules?[] _rules = new ArchitectureRules?[SyscallTable.Architectures.Count];
    private readonly SyscallLimits _limits;
    private readonly BlindArchitectures _blind;

    private SeccompModel(SeccompProfile profile, SeccompRuntime runtime, SeccompArchitecture native)
    {
        _profile = profile;
        _limits = new SyscallLimits(profile, runtime, native);
        _blind = new BlindArchitectures(profile, runtime, _limits.Architectures);
        string? alone = _limits.HasOneArchitecture ? SharedComparisons.OnlyCall(profile) : null;
        foreach (SeccompArchitecture architecture in SyscallTable.Architectures)
        {
            if ((_limits.Architectures & (1u << architecture.Index)) != 0)
            {
                _rules[architecture.Index] = new ArchitectureRules(profile, architecture, alone);
            }
        }
    }

    /// <summary>The model of a profile.</summary>
    /// <param name="profile">What was read.</param>
    /// <param name="runtime">Who makes the filter.</param>
    /// <param name="native">The architecture of the node, which needs not be listed; this machine's where nothing is given.</param>
    public static SeccompModel Of(SeccompProfile profile, SeccompRuntime runtime, SeccompArchitecture? native = null)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return new SeccompModel(profile, runtime, native ?? SyscallTable.Native);
    }

    /// <summary>The architectures that the filter is for; every other one is killed.</summary>
    public IEnumerable<SeccompArchitecture> Architectures => SyscallTable.Architectures.Where(architecture => _rules[architecture.Index] is not null);

    /// <summary>Those of them where libseccomp's filter reaches no rule, or may reach none.</summary>
    public IEnumerable<SeccompArchitecture> Blind => SyscallTable.Architectures.Where(architecture => ((_blind.Certain | _blind.Possible) & (1u << architecture.Index)) != 0);

    /// <summary>What happens to a call.</summary>
    /// <param name="architecture">Whose call it is. For x86-64 and x32, which filters cannot tell apart otherwise, bit 30 of the number decides.</param>
    /// <param name="number">The number as the kernel shows it to the filter: on x32 with bit 30.</param>
    /// <param name="arguments">Six of them.</param>
    public SeccompAnswer Evaluate(SeccompArchitecture architecture, uint number, ReadOnlySpan<ulong> arguments)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        if (arguments.Length != 6)
        {
            throw new ArgumentException($"A system call has 6 arguments, and {arguments.Length} were given.", nameof(arguments));
        }

        SeccompArchitecture x32 = SyscallTable.Architectures[2], x64 = SyscallTable.Architectures[0];
        SeccompArchitecture actual = architecture.AuditToken != x32.AuditToken ? architecture : (number & X32Bit) != 0 ? x32 : x64;
        ArchitectureRules? rules = _rules[actual.Index];
        uint largest = _limits.Largest[actual.Index];
        if (rules is not null && (number > largest || (number == 0 && largest != uint.MaxValue && actual.IsBigEndian)))   // s390x shows numbers beyond its own table as 0
        {
            return new SeccompAnswer(SeccompOrigin.EnosysStub, s_enosys);
        }

        // A tracer may set the number to -1 to skip a call: libseccomp sends it to the default even where x32 itself is not allowed.
        bool skipped = number == uint.MaxValue && (_rules[x64.Index] is not null || _rules[x32.Index] is not null) && actual.AuditToken == x32.AuditToken;
        if (rules is null && !skipped)
        {
            return new SeccompAnswer(SeccompOrigin.BadArchitecture, s_badArchitecture);
        }

        uint bit = 1u << actual.Index;
        if ((_blind.Certain & bit) != 0)
        {
            return new SeccompAnswer(SeccompOrigin.BlindFilter, _profile.Default);
        }

        SeccompAnswer answer = rules?.Find(number) is { } found
            ? found.Evaluate(arguments, _profile.Default)
            : new SeccompAnswer(SeccompOrigin.Default, _profile.Default);
        return (_blind.Possible & bit) == 0 ? answer : answer.Or(_profile.Default);
    }

    /// <summary>The rules with conditions that a number has, in the order of the profile; empty where an answer needs no argument.</summary>
    public IReadOnlyList<SeccompDecider> RulesOf(SeccompArchitecture architecture, uint number)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return _rules[architecture.Index]?.Find(number)?.Conditional ?? [];
    }

    /// <summary>Why the rules of a number cannot be relied on; null where they can.</summary>
    public string? DoubtOf(SeccompArchitecture architecture, uint number)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return _rules[architecture.Index]?.Find(number) is { IsConfused: true } ? ConditionDoubt.Sentence : null;
    }
}
