using System.Globalization;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>One way in which a call is answered.</summary>
/// <param name="When">The condition: always, arg0 == 0x28, else.</param>
/// <param name="Result">What happens then.</param>
/// <param name="Says">Rule, default, or what else decides.</param>
/// <param name="Location">Where that stands.</param>
public sealed record VerdictReason(string When, string Result, string Says, SourceLocation Location);

/// <summary>What happens to a call of which perhaps not every argument is known, and what in the file says so.</summary>
/// <param name="Name">The call; null where the number has no name.</param>
/// <param name="Number">Its number.</param>
/// <param name="Answer">What happens, or on which arguments it depends.</param>
/// <param name="Reasons">What decides.</param>
public sealed record SeccompVerdict(string? Name, uint Number, string Answer, IReadOnlyList<VerdictReason> Reasons)
{
    /// <summary>Why the conditions cannot be relied on; null where they can.</summary>
    public string? Doubt { get; private init; }

    /// <summary>Asks a model.</summary>
    /// <param name="document">The profile, for places.</param>
    /// <param name="model">What was made of it.</param>
    /// <param name="architecture">Whose call it is.</param>
    /// <param name="number">Its number.</param>
    /// <param name="name">Its name, if it has one.</param>
    /// <param name="given">Six arguments; null for one that is not known.</param>
    public static SeccompVerdict Of(ProfileDocument document, SeccompModel model, SeccompArchitecture architecture, uint number, string? name, IReadOnlyList<ulong?> given)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(given);
        ulong[] arguments = [.. given.Select(static a => a ?? 0)];
        SeccompAnswer answer = model.Evaluate(architecture, number, arguments);
        SourceLocation @default = RulePlaces.DefaultOf(document);
        string? doubt = model.DoubtOf(architecture, number);
        switch (answer.Origin)
        {
            case SeccompOrigin.BadArchitecture:
                return new SeccompVerdict(name, number, $"{answer}", [new VerdictReason("always", $"{answer}", $"the profile is not for {architecture}", @default)]);
            case SeccompOrigin.EnosysStub:
                return new SeccompVerdict(name, number, $"{answer}", [new VerdictReason("always", $"{answer}", "runc's stub: the profile names no call with so large a number", @default)]);
            case SeccompOrigin.BlindFilter:
                return new SeccompVerdict(name, number, $"{answer}", [new VerdictReason("always", $"{answer}", $"libseccomp makes a filter that reaches no rule on {architecture} (see lint)", @default)]);
        }

        // Rules that hold, or could hold for some value of what is not known.
        SeccompDecider[] open = [.. model.RulesOf(architecture, number).Where(rule => rule.Conditions.All(c => given[(int)c.Index] is not { } value || c.Holds(value, architecture.Bits)))];
        int[] asked = [.. open.SelectMany(static r => r.Conditions).Select(static c => (int)c.Index).Where(i => given[i] is null).Distinct().Order()];
        if (asked.Length > 0)
        {
            string which = $"depends on {(asked.Length == 1 ? "argument" : "arguments")} {string.Join(", ", asked)}";
            return new SeccompVerdict(name, number, which,
                [.. open.Select(rule => Reason(document, rule, arguments)), new VerdictReason("else", $"{document.Default}", "default", @default)]) { Doubt = doubt };
        }

        VerdictReason[] reasons = [.. answer.Deciders.Select(rule => Reason(document, rule, arguments))];
        return new SeccompVerdict(name, number, $"{answer}", reasons.Length > 0 ? reasons : [new VerdictReason("always", $"{answer}", "default", @default)]) { Doubt = doubt };
    }

    private static VerdictReason Reason(ProfileDocument document, SeccompDecider rule, ulong[] arguments)
        => new(rule.Conditions.Length == 0 ? "always" : string.Join(" and ", rule.Conditions.Select(Text)), $"{rule.Result}", "rule", RulePlaces.Of(document, rule, arguments));

    private static string Text(SeccompCondition condition)
    {
        string argument = string.Create(CultureInfo.InvariantCulture, $"arg{condition.Index}"), value = $"0x{condition.Value:x}";
        return condition.Op switch
        {
            "SCMP_CMP_NE" => $"{argument} != {value}",
            "SCMP_CMP_LT" => $"{argument} < {value}",
            "SCMP_CMP_LE" => $"{argument} <= {value}",
            "SCMP_CMP_EQ" => $"{argument} == {value}",
            "SCMP_CMP_GE" => $"{argument} >= {value}",
            "SCMP_CMP_GT" => $"{argument} > {value}",
            _ => $"{argument} & {value} == 0x{condition.ValueTwo:x}",
        };
    }
}
