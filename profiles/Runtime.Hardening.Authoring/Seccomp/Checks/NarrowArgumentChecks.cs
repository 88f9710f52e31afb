using System.Globalization;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>
/// Conditions that a program gets round by a bit that the kernel does not look at. A filter compares the whole register, and of an int the kernel takes 32 bits: every
/// family but 40 is also 0x100000028, which is family 40 to the kernel.
/// </summary>
internal static class NarrowArgumentChecks
{
    private const string Equal = "SCMP_CMP_EQ", MaskedEqual = "SCMP_CMP_MASKED_EQ";

    public static void Run(ProfileDocument document, LintReport report)
    {
        SeccompArchitecture[] architectures = [.. document.Architectures.Select(SyscallTable.Find).OfType<SeccompArchitecture>()];
        architectures = architectures.Length > 0 ? architectures : [SyscallTable.Native];
        bool isOpen = document.Default.Action <= SeccompAction.Log;
        ILookup<string, ProfileRule> conditional = document.Rules.Where(static r => r.Conditions.Count > 0).SelectMany(static r => r.Names.Select(n => (n.Name, Rule: r)))
            .ToLookup(static r => r.Name, static r => r.Rule, StringComparer.Ordinal);
        HashSet<string> swallowed = [.. document.Rules.Where(r => r.Conditions.Count == 0 && r.Result != document.Default).SelectMany(static r => r.Names).Select(static n => n.Name)];
        // Where calls pass by default what denies is asked for holes, else what allows.
        foreach (ProfileRule rule in document.Rules.Where(r => r.Allows != isOpen && r.Conditions.Count > 0 && r.Result != document.Default))
        {
            JToken[] places = [.. rule.Json["args"]!];
            if (places.Length != rule.Conditions.Count || rule.Conditions.DistinctBy(static c => c.Index).Count() < places.Length)
            {
                continue;   // some could not be read, or mean something else, which has been said
            }

            string[] names = [.. rule.Names.Select(static n => n.Name).Distinct().Where(name => !swallowed.Contains(name))];
            for (int i = 0; i < places.Length; i++)
            {
                Check(rule, names, rule.Conditions[i], places[i].Place(), architectures, conditional, report);
            }
        }
    }

    private static void Check(
        ProfileRule rule, string[] called, SeccompCondition condition, SourceLocation place, SeccompArchitecture[] architectures, ILookup<string, ProfileRule> conditional, LintReport report)
    {
        foreach (IGrouping<int, string> calls in called.GroupBy(name => Narrowest(architectures, name, condition.Index)))
        {
            int bits = calls.Key;
            if ((rule.Allows ? Let(condition, bits) : Missed(condition, bits)) is not { } round)
            {
                continue;
            }

            ulong taken = round & Most(bits);
            string[] names = [.. calls.Where(name => !conditional[name].Any(other => other != rule && Closes(other, rule.Allows, condition.Index, round, taken))).Select(static name => $"'{name}'")];
            if (names.Length > 0)
            {
                report.Warning("upper-bits-ignored", place, string.Create(CultureInfo.InvariantCulture,
                    $"Of argument {condition.Index} of {string.Join(", ", names)} the kernel takes {bits} bits, and a filter compares all. 0x{round:x} {(rule.Allows ? "satisfies" : "does not satisfy")} {ConditionChecks.Text(condition)}, and is {taken} to the kernel, which {(rule.Allows ? "does not" : "does")}. {Advice(rule, condition, bits)}."));
            }
        }
    }

    // 64 where nothing is cut on any architecture, or where the filter sees no more than the kernel.
    private static int Narrowest(SeccompArchitecture[] architectures, string name, uint index)
        => architectures.Select(architecture => NarrowArguments.Bits(architecture, name, index) is { } bits && bits < architecture.Bits ? bits : 64).Min();

    // A value that satisfies the condition, although what the kernel makes of it does not. Equality with a value that is too wide is somebody's wish.
    private static ulong? Let(SeccompCondition condition, int bits)
    {
        ulong value = condition.Value;
        return bits == 64 ? null : condition.Op switch
        {
            "SCMP_CMP_NE" when value <= Most(bits) => value | (Most(bits) + 1),
            "SCMP_CMP_GE" when value > 0 => Math.Max(value, Most(bits) + 1),
            "SCMP_CMP_GT" when value < ulong.MaxValue => Math.Max(value + 1, Most(bits) + 1),
            _ => null,
        };
    }

    // A value that does not satisfy it, although what the kernel makes of it does.
    private static ulong? Missed(SeccompCondition condition, int bits)
    {
        ulong value = condition.Value, above = value & ~Most(bits);
        return bits == 64 ? null : condition.Op switch
        {
            Equal when value <= Most(bits) => value | (Most(bits) + 1),
            "SCMP_CMP_LT" when value > 0 => Math.Max(value, Most(bits) + 1),
            "SCMP_CMP_LE" when value < ulong.MaxValue => Math.Max(value + 1, Most(bits) + 1),
            MaskedEqual when above != 0 && ConditionLogic.Wanted(condition) <= Most(bits) => ConditionLogic.Wanted(condition) | (above & (~above + 1)),
            _ => null,
        };
    }

    // Another entry that asks for nothing else also denies the value itself, or also allows what the kernel makes of it.
    private static bool Closes(ProfileRule other, bool allows, uint index, ulong round, ulong taken)
        => other.Allows == allows && other.Conditions.Count == 1 && other.Conditions[0].Index == index && ConditionLogic.Holds(other.Conditions[0], allows ? taken : round);

    private static string Advice(ProfileRule rule, SeccompCondition condition, int bits) => (rule.Allows, condition.Op) switch
    {
        (true, _) => "Allow the values that are meant, with an SCMP_CMP_EQ each",
        (_, Equal) => string.Create(CultureInfo.InvariantCulture, $"Compare those {bits} bits: SCMP_CMP_MASKED_EQ with the mask {Most(bits)} as 'value' and {condition.Value} as 'valueTwo'"),
        (_, MaskedEqual) => string.Create(CultureInfo.InvariantCulture, $"Take those bits out of the mask: {condition.Value & Most(bits)} as 'value'"),
        _ => string.Create(CultureInfo.InvariantCulture, $"Name each value, by SCMP_CMP_MASKED_EQ with the mask {Most(bits)} as 'value', or deny by default"),
    };

    private static ulong Most(int bits) => (1UL << bits) - 1;
}
