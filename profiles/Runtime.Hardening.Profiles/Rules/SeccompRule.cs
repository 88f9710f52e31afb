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

        var wanted = new List<(SeccompDemand Demand, ReadOnlyMemory<byte> Json)>();
        foreach (Policy policy in asking)
        {
            try
            {
                if (!wanted.Exists(other => other.Demand == policy.Seccomp))
                {
                    wanted.Add((policy.Seccomp!, context.Profiles.Read(policy.Seccomp!)));
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
        RuleContext context, PolicyDecision.Builder decision, List<(SeccompDemand Demand, ReadOnlyMemory<byte> Json)> wanted, string policies)
    {
        // runc takes {} for no profile (crun refuses it), so there is nothing to combine with.
        ReadOnlySpan<byte> given = context.Spec.Has(SpecPath.Seccomp) && !IsEmptyObject(context.Spec.Raw(SpecPath.Seccomp))
            ? context.Spec.Raw(SpecPath.Seccomp)
            : default;
        string names = string.Join(" and ", wanted.Select(static item => item.Demand.Profile));
        if (wanted.Count == 1 && (given.IsEmpty || given.SequenceEqual(wanted[0].Json.Span)))
        {
            if (given.IsEmpty)
            {
                decision.Edits.Add(new SpecEdit(SpecPath.Seccomp, wanted[0].Json, RuleId.Seccomp, policies, "absent", names));
            }

            return;
        }

        SeccompProfile? meet = given.IsEmpty ? null : SeccompProfile.Parse(given, SpecPath.Seccomp.Text());
        int before = meet?.AllowedNames ?? 0;
        foreach ((SeccompDemand demand, ReadOnlyMemory<byte> json) in wanted)
        {
            SeccompProfile own = SeccompProfile.Parse(json.Span, $"seccomp profile '{demand.Profile}'");
            meet = meet is null ? own : SeccompMeet.Of(meet, own);
        }

        byte[] result = SeccompWriter.Write(meet!);
        if (!given.SequenceEqual(result))
        {
            decision.Edits.Add(new SpecEdit(
                SpecPath.Seccomp, result, RuleId.Seccomp, policies,
                given.IsEmpty ? "absent" : $"engine's profile, {before} calls allowed", $"met with {names}, {meet!.AllowedNames} calls allowed"));
        }
    }

    private static bool IsEmptyObject(ReadOnlySpan<byte> json) => json[0] == '{' && json[1..].TrimStart(" \t\r\n"u8).StartsWith("}"u8);
}
