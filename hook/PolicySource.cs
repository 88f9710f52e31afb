using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Settings;

namespace Runtime.Hardening.Hook;

/// <summary>The policies to decide with, and where they are from.</summary>
/// <param name="Generation">The generation's name, <c>builtin</c>, or empty when nothing is enforced.</param>
/// <param name="Policies">The policies.</param>
/// <param name="Profiles">Their seccomp profiles.</param>
/// <param name="Remark">What must be said about it: an older generation had to do, or none would. Empty when all is well.</param>
internal sealed record PolicySource(string Generation, IReadOnlyList<Policy> Policies, IProfileSource Profiles, string Remark)
{
    private const string Advice = "hardenctl policy apply";

    /// <summary>The current generation; failing that the last good one; failing that what <c>whenBroken</c> says.</summary>
    /// <returns>Null when containers are to be passed through; <paramref name="why"/> then says why.</returns>
    /// <exception cref="Refusal">No generation is usable and the settings say to refuse.</exception>
    public static PolicySource? Open(HookSettings settings, out string why)
    {
        why = "";
        string store = settings.Node.PolicyStore;
        string current;
        try
        {
            return FromStore(PolicyStore.Open(store, "current"), "");
        }
        catch (HardeningFormatException e)
        {
            current = e.Message;
        }

        try
        {
            PolicyStore previous = PolicyStore.Open(store, "previous");
            return FromStore(previous, $"the current generation is unusable ({current}), so the one before it decided");
        }
        catch (HardeningFormatException)
        {
            why = $"no policy generation is usable: {current.TrimEnd('.')}{(current.Contains(Advice, StringComparison.Ordinal) ? "" : $"; run '{Advice}'")}";
        }

        switch (settings.Node.WhenBroken)
        {
            case WhenBroken.Refuse:
                throw new Refusal($"{why}. hook.json says whenBroken: refuse");
            case WhenBroken.PassThrough:
                return null;
            default:
                return new PolicySource(EmergencyPolicy.Generation, [EmergencyPolicy.Policy], new EmergencyPolicy(), why);
        }
    }

    private static PolicySource FromStore(PolicyStore store, string remark) => new(store.Index.Generation, store.Index.Policies, store, remark);
}
