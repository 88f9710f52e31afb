using System.Runtime.InteropServices;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// An OCI seccomp profile by what it does: an outcome a system call name. The rules of combination are libseccomp's as runc and crun drive it: the first
/// unconditional rule of a name wins and hides conditional ones, and a rule that equals the default action is dropped.
/// </summary>
/// <param name="calls">How many names to make room for.</param>
public sealed class SeccompProfile(int calls = 0)
{
    /// <summary>The member of a shipped profile that says in words what it is for; it goes when the profile is compiled.</summary>
    public const string Header = "//";

    /// <summary>
    /// How many rules with conditions are read. A kernel's filter has at most 4096 instructions (BPF_MAXINSNS), and such a rule needs one at least; comparing more of them
    /// with one another would keep whoever wrote them, and the node, busy for minutes.
    /// </summary>
    public const int MostConditionalRules = 4096;

    /// <summary>How many of them one call may have: each is compared with all before it, and real profiles have a hundred at most.</summary>
    public const int MostConditionalRulesOfACall = 1024;

    private const string MaskedEqual = "SCMP_CMP_MASKED_EQ";

    private readonly Dictionary<string, SyscallOutcome> _outcomes = new(calls, StringComparer.Ordinal);
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);

    /// <summary>What happens to a system call that no rule names.</summary>
    public required SeccompResult Default { get; init; }

    /// <summary>Architectures as written (SCMP_ARCH_X86_64); the native one is implied when it is missing.</summary>
    public required string[] Architectures { get; init; }

    /// <summary>Members that are not about which call does what (flags, listenerPath, unknown ones): key and JSON value as they stood.</summary>
    public (string Key, byte[] Json)[] OtherMembers { get; init; } = [];

    /// <summary>Names with a rule that differs from the default.</summary>
    public IReadOnlyDictionary<string, SyscallOutcome> Outcomes => _outcomes;

    internal Dictionary<string, SyscallOutcome> Table => _outcomes;

    /// <summary>
    /// Names that only repeat the default. They matter where the default is harsher than an error: runc answers ENOSYS to every number beyond the highest
    /// name in a profile, so a name that vanished would turn a kill into an error. Kept for every default, because the next meet may have a harsher one.
    /// </summary>
    public IReadOnlyCollection<string> NamedOnly => _named;

    /// <summary>Reads linux.seccomp.</summary>
    /// <param name="utf8">The JSON value.</param>
    /// <param name="where">For messages: <c>linux.seccomp</c> or the profile's name.</param>
    /// <exception cref="HardeningFormatException">No runtime would start a container with it, or runtimes would disagree on it.</exception>
    public static SeccompProfile Parse(ReadOnlySpan<byte> utf8, string where) => SeccompReader.Read(utf8, where, null);

    /// <summary>Reads a profile whose rules say for whom they are meant (Docker's format: includes, excludes, archMap), as it is for one container on this machine.</summary>
    /// <param name="utf8">The JSON value.</param>
    /// <param name="where">For messages.</param>
    /// <param name="held">The capabilities that the container may ever have: its bounding set.</param>
    /// <exception cref="HardeningFormatException">No runtime would start a container with it, or it cannot be settled here.</exception>
    public static SeccompProfile ParseFor(ReadOnlySpan<byte> utf8, string where, CapabilitySet held) => SeccompReader.Read(utf8, where, held);

    /// <summary>What happens to a call of that name when nothing is known of its arguments.</summary>
    public SyscallOutcome this[string name] => _outcomes.TryGetValue(name, out SyscallOutcome outcome) ? outcome : new SyscallOutcome(Default, []);

    /// <summary>Adds a rule as libseccomp would.</summary>
    public void Add(string name, SeccompResult result, SeccompCondition[] conditions)
    {
        if (result == Default)
        {
            NameOnly(name);
            return;
        }

        if (Array.Exists(conditions, static condition => condition.Op == MaskedEqual && condition.Value == 0))
        {
            // An empty mask always holds, and libseccomp leaves the condition out.
            conditions = Array.FindAll(conditions, static condition => condition.Op != MaskedEqual || condition.Value != 0);
        }

        ref SyscallOutcome outcome = ref CollectionsMarshal.GetValueRefOrAddDefault(_outcomes, name, out bool known);
        if (!known)
        {
            outcome = new SyscallOutcome(null, []);
            _named.Remove(name);
        }

        if (outcome.Unconditional is not null)
        {
            return;
        }

        if (conditions.Length == 0)
        {
            // A rule before this one that always holds where arguments have 32 bits wins there.
            ConditionalRule? first = Array.Find(outcome.Conditional, static rule => Array.TrueForAll(rule.Conditions, ConditionAlgebra.IsLostIn32Bits));
            outcome = new SyscallOutcome(result, first is null || first.Result == result ? [] : [first]);
            return;
        }

        var rule = new ConditionalRule(result, conditions);
        if (!outcome.Conditional.Contains(rule))
        {
            outcome = new SyscallOutcome(null, [.. outcome.Conditional, rule]);
        }
    }

    /// <summary>Says that the profile names a call and does nothing else with it.</summary>
    internal void NameOnly(string name)
    {
        if (!_outcomes.ContainsKey(name))
        {
            _named.Add(name);
        }
    }

    /// <summary>Takes every rule of a call away.</summary>
    public void Remove(string name) => _outcomes.Remove(name);

    /// <summary>How many names are allowed, be it on conditions.</summary>
    public int AllowedNames
        => _outcomes.Values.Count(static outcome => outcome.Unconditional?.Action <= SeccompAction.Log
            || Array.Exists(outcome.Conditional, static rule => rule.Result.Action <= SeccompAction.Log));
}
