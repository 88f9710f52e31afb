using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.AppArmor.Kernel;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Cli;

/// <summary>Before a generation is in force the kernel has the AppArmor profiles that it names; or nothing is put in force that would refuse every container.</summary>
/// <param name="node">Whose generation it is.</param>
/// <param name="host">The kernel.</param>
/// <param name="say">For the person.</param>
internal sealed class AppArmorPreparation(NodeFiles node, AppArmorHost host, TextWriter say)
{
    /// <summary>Loads what is missing.</summary>
    /// <exception cref="StoreException">A profile that a policy insists on is not in the kernel.</exception>
    public void Prepare(GenerationFolder generation)
    {
        Policy[] asking = [.. generation.Read().Policies.Where(policy => policy.Mode != PolicyMode.Off && policy.AppArmor is { } demand && AppArmorName.IsVersion(demand.Profile))];
        if (asking.Length == 0)
        {
            return;
        }

        if (!host.IsOn)
        {
            say.WriteLine($"{AppArmorHost.SwitchedOff} What that means for containers of the policies that ask for one: {string.Join(", ", asking.Select(policy => $"{policy.Name}: {Fate(policy)}"))}.");
            return;
        }

        IReadOnlyList<AppArmorText> texts = generation.AppArmorTexts();
        foreach (LoadStep step in Load(texts).Concat(WithoutText(texts, asking, generation)))
        {
            Take(step, asking);
        }
    }

    // What nobody can load from here must be in the kernel already.
    private IEnumerable<LoadStep> WithoutText(IReadOnlyList<AppArmorText> texts, Policy[] asking, GenerationFolder generation)
        => asking.Select(policy => policy.AppArmor!.Profile).Distinct().Except(texts.Select(text => text.Name)).Where(name => !host.Enforces(name))
            .Select(name => new LoadStep(name, LoadOutcome.Failed, $"the kernel does not have it, and the generation {generation.Name} has no text of it"));

    private IReadOnlyList<LoadStep> Load(IReadOnlyList<AppArmorText> texts)
    {
        try
        {
            // A second installation in a folder changes nothing outside of it unasked.
            return NodeFiles.AppArmorLoader(host).Load(texts, isDryRun: node.IsNamed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In a container, say, that does not see what the kernel has.
            return [.. texts.Select(text => new LoadStep(text.Name, LoadOutcome.Failed, e.Message))];
        }
    }

    private void Take(LoadStep step, Policy[] asking)
    {
        if (step.Outcome is LoadOutcome.Unchanged)
        {
            return;
        }

        if (step.Outcome is LoadOutcome.Loaded or LoadOutcome.Mended && !node.IsNamed)
        {
            say.WriteLine($"Loaded the AppArmor profile {step.Name}{(step.Outcome == LoadOutcome.Mended ? " again" : "")}: it was {step.Reason}.");
            return;
        }

        string problem = $"The AppArmor profile {step.Name} is not in force in the kernel: {step.Reason.TrimEnd('.')}. {(step.Outcome == LoadOutcome.Failed
            ? "Mend that, or the policy" : "Run 'hardenctl apparmor load'")}";
        Policy[] insisting = [.. asking.Where(policy => policy.AppArmor!.Profile == step.Name && Insists(policy))];
        if (insisting.Length > 0)
        {
            throw new StoreException($"{problem}, and do this again: every container of the {(insisting.Length == 1 ? "policy" : "policies")} {string.Join(", ", insisting.Select(policy => policy.Name))} would be refused. Nothing was put in force.");
        }

        say.WriteLine($"{problem}; until then it does not confine the containers that a policy asks it for.");
    }

    private static string Fate(Policy policy) => Insists(policy) ? "refused"
        : policy.Mode == PolicyMode.Audit ? "started without it, and a finding says so (mode audit)"
        : policy.AppArmor!.Otherwise == Otherwise.Report ? "started without it, and a finding says so (otherwise: report)"
        : "started without the whole policy (onError: passThrough)";

    // What the hook will do with a container when the profile is missing.
    internal static bool Insists(Policy policy) => policy.Mode == PolicyMode.Enforce && (policy.AppArmor!.Otherwise switch
    {
        Otherwise.Refuse => true,
        Otherwise.Report => false,
        _ => policy.OnError == OnError.Refuse,
    });
}
