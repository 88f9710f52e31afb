using System.Text;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>Cuts all five sets down to what every policy keeps. A set that is absent has no capability, so there is nothing to cut.</summary>
internal sealed class CapabilitiesRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        string policies = context.Names(static policy => policy.KeepCapabilities is not null);
        if (policies.Length == 0)
        {
            return;
        }

        CapabilitySet keep = Kept(context.Policies);
        for (SpecPath set = SpecPath.CapabilitiesBounding; set <= SpecPath.CapabilitiesAmbient; set++)
        {
            Cut(context.Spec, set, keep, policies, decision.Edits);
        }
    }

    /// <summary>What every policy lets a container keep.</summary>
    internal static CapabilitySet Kept(Policies.Policy[] policies)
    {
        CapabilitySet keep = new(ulong.MaxValue);
        foreach (Policies.Policy policy in policies)
        {
            keep = policy.KeepCapabilities is { } own ? keep.Intersect(own) : keep;
        }

        return keep;
    }

    /// <summary>Adds the edit that leaves in a set only what <paramref name="keep"/> has; none when nothing goes.</summary>
    internal static void Cut(ContainerSpec spec, SpecPath set, CapabilitySet keep, string policies, EditList edits)
    {
        string[] names = spec.Texts(set);
        // A name that we do not know may be a capability of a newer kernel: it is not on anybody's keep-list, so it goes.
        string[] kept = [.. names.Where(name => IsKept(name, keep))];
        if (kept.Length == names.Length)
        {
            return;
        }

        var json = new StringBuilder("[");
        foreach (string name in kept)
        {
            json.Append(json.Length > 1 ? ",\"" : "\"").Append(name).Append('"');
        }

        edits.Add(new SpecEdit(
            set, Encoding.ASCII.GetBytes(json.Append(']').ToString()), RuleId.Capabilities, policies, Short(names), Short(kept)));
    }

    // One that is kept stays as it is written; what is a name in its beginning only does not.
    private static bool IsKept(string name, CapabilitySet keep)
        => CapabilitySet.TryParse(name, out CapabilitySet known) ? keep.Contains(known)
            : CapabilitySet.TryRead(name, out CapabilitySet capability) && keep.Contains(capability)
                && name.All(static character => char.IsAsciiLetterOrDigit(character) || character == '_');

    private static string Short(string[] names)
        => names.Length == 0 ? "none" : names.Length <= 3 ? string.Join(' ', names) : $"{names.Length} capabilities";
}
