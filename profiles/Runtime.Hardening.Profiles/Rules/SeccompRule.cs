using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>Gives linux.seccomp what the engine's profile and every policy's allow together.</summary>
internal sealed class SeccompRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        Policy[] asking = [.. context.Policies.Where(static policy => policy.Seccomp is not null)];
        if (asking.Length == 0)
        {
            return;
        }

        if (!context.Spec.Has(SpecPath.Linux))
        {
            decision.Fail(RuleId.Seccomp, asking.Select(static policy => policy.Name), "the spec has no linux section, so it can have no seccomp filter");
            return;
        }

        CapabilitySet? held = null;
        var wanted = new List<Wanted>();
        foreach (Policy policy in asking)
        {
            try
            {
                if (!wanted.Exists(other => other.Demand == policy.Seccomp))
                {
                    wanted.Add(Read(context, policy.Seccomp!, ref held));
                }
            }
            catch (HardeningFormatException e)
            {
                decision.Fail(RuleId.Seccomp, [policy.Name], e.Message);
            }
        }

        if (wanted.Count == 0)
        {
            return;
        }

        string[] names = [.. asking.Select(static policy => policy.Name)];
        try
        {
            Combine(context, decision, wanted, string.Join(", ", names));
        }
        catch (HardeningFormatException e)
        {
            // An engine's profile that we cannot read is nothing to refuse by ourselves: an audit must stay silent, and onError is the policy's to say.
            decision.Fail(RuleId.Seccomp, names, e.Message);
        }
    }

    private static void Combine(
        RuleContext context, PolicyDecision.Builder decision, List<Wanted> wanted, string policies)
    {
        // runc takes {} for no profile (crun refuses it), so there is nothing to combine with.
        ReadOnlySpan<byte> given = context.Spec.Has(SpecPath.Seccomp) && !IsEmptyObject(context.Spec.Raw(SpecPath.Seccomp))
            ? context.Spec.Raw(SpecPath.Seccomp)
            : default;
        string names = string.Join(" and ", wanted.Select(static item => item.Name));
        if (wanted.Count == 1 && wanted[0].For is null && (given.IsEmpty || given.SequenceEqual(wanted[0].Json.Span)))
        {
            if (given.IsEmpty)
            {
                decision.Edits.Add(new SpecEdit(SpecPath.Seccomp, wanted[0].Json, RuleId.Seccomp, policies, "absent", names));
            }

            return;
        }

        SeccompProfile? engine = given.IsEmpty ? null : SeccompProfile.Parse(given, SpecPath.Seccomp.Text());
        SeccompProfile? meet = null;
        List<string> lost = [];
        foreach (Wanted item in wanted)
        {
            string where = $"seccomp profile '{item.Demand.Profile}'";
            SeccompProfile own = item.For is { } held ? SeccompProfile.ParseFor(item.Json.Span, where, held) : SeccompProfile.Parse(item.Json.Span, where);
            meet = meet is null ? own : Meet(meet, own, lost);
        }

        // The engine's last: what a narrow policy takes away anyway is nothing that a wide one and the engine must agree on before.
        meet = Meet(engine ?? meet!, meet!, lost);   // alone with itself too, so that hardening the result again changes nothing
        byte[] result = SeccompWriter.Write(meet);
        if (!given.SequenceEqual(result))
        {
            decision.Edits.Add(new SpecEdit(
                SpecPath.Seccomp, result, RuleId.Seccomp, policies,
                given.IsEmpty ? "absent" : $"engine's profile, {Allowed(engine!)}", given.IsEmpty && wanted.Count == 1 ? names : $"met with {names}, {Allowed(meet)}{Without(lost)}"));
        }
    }

    private static SeccompProfile Meet(SeccompProfile a, SeccompProfile b, List<string> lost)
    {
        SeccompProfile meet = SeccompMeet.Of(a, b);
        lost.AddRange(SeccompMeet.Lost(a, b, meet));
        return meet;
    }

    private static string Allowed(SeccompProfile profile)
        => profile.Default.Action <= SeccompAction.Log ? "all calls allowed but what its rules deny" : $"{profile.AllowedNames} calls allowed";

    // What stands in no profile by itself is what people look for last.
    private static string Without(List<string> lost)
        => lost.Count == 0 ? "" : $"; not {string.Join(", ", lost.Take(5))}{(lost.Count > 5 ? ", ..." : "")}, which each allows on conditions that cannot stand together";

    // The set that decides is the one the container ends with: what the engine gave and every policy keeps.
    private static Wanted Read(RuleContext context, SeccompDemand demand, ref CapabilitySet? held)
    {
        if (demand.ByCapability is not { } other)
        {
            return new Wanted(demand, context.Profiles.Read(demand), null);
        }

        held ??= context.Spec.CapabilitySet(SpecPath.CapabilitiesBounding).Intersect(CapabilitiesRule.Kept(context.Policies));
        CapabilitySet counts = held.Value.Intersect(other.Capabilities);
        return counts == CapabilitySet.None
            ? new Wanted(demand, context.Profiles.Read(demand), null)
            : new Wanted(demand, context.Profiles.Read(demand with { File = other.File, Crc32C = other.Crc32C }), counts);
    }

    private static bool IsEmptyObject(ReadOnlySpan<byte> json) => json[0] == '{' && json[1..].TrimStart(" \t\r\n"u8).StartsWith("}"u8);

    /// <param name="Demand">What a policy asks for.</param>
    /// <param name="Json">The profile.</param>
    /// <param name="For">The capabilities for which it is to be settled; null when it is the same whatever the container holds.</param>
    private readonly record struct Wanted(SeccompDemand Demand, ReadOnlyMemory<byte> Json, CapabilitySet? For)
    {
        public string Name => For is { } held ? $"{Demand.Profile} (with {held})" : Demand.Profile;
    }
}
