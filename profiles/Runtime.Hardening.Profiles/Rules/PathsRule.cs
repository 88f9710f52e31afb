using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>Adds to linux.maskedPaths and linux.readonlyPaths; what the engine put there stays as it stands.</summary>
internal sealed class PathsRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        Add(context, decision, SpecPath.MaskedPaths, RuleId.MaskedPaths, static policy => policy.MaskPaths, []);
        // A masked path needs no read-only mount on top: it shows nothing at all.
        string[] masked = [.. context.Spec.Texts(SpecPath.MaskedPaths), .. context.Policies.SelectMany(static policy => policy.MaskPaths)];
        Add(context, decision, SpecPath.ReadonlyPaths, RuleId.ReadonlyPaths, static policy => policy.ReadOnlyPaths, masked);
    }

    private static void Add(
        RuleContext context, PolicyDecision.Builder decision, SpecPath path, RuleId rule, Func<Policy, string[]> wanted, string[] covered)
    {
        string policies = context.Names(policy => wanted(policy).Length > 0);
        if (policies.Length == 0)
        {
            return;
        }

        string[] present = context.Spec.Texts(path);
        string[] missing = [.. context.Policies.SelectMany(wanted).Distinct(StringComparer.Ordinal).Where(p => !present.Contains(p) && !covered.Contains(p))];
        if (missing.Length == 0)
        {
            return;
        }

        if (!context.Spec.Has(SpecPath.Linux))
        {
            decision.Fail(rule, context.Policies.Where(policy => wanted(policy).Length > 0).Select(static policy => policy.Name),
                "the spec has no linux section, so no path can be hidden");
            return;
        }

        Array.Sort(missing, StringComparer.Ordinal);
        decision.Edits.Add(new SpecEdit(
            path, Append(context.Spec.Raw(path), present.Length, missing), rule, policies, $"{present.Length} paths", $"{present.Length + missing.Length} paths"));
    }

    private static byte[] Append(ReadOnlySpan<byte> array, int present, string[] added)
    {
        var output = new JsonText(array.Length + 256);
        if (present > 0)
        {
            output.Append(array[..array.LastIndexOf((byte)']')]);
            output.Append(","u8);
        }
        else
        {
            output.Append("["u8);
        }

        foreach (string path in added)
        {
            output.Text(path);
        }

        output.CloseArray();
        return output.ToArray();
    }
}
