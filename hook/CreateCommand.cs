using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook;

/// <summary>create, run and restore: config.json bytes → spec → decision → edits → bytes → record → rename.</summary>
internal static class CreateCommand
{
    /// <summary>Hardens the bundle and gives the path of the runtime to become.</summary>
    /// <exception cref="Refusal">The container must not start.</exception>
    /// <exception cref="HardeningFormatException">Its spec cannot be read, or something of ours cannot be written.</exception>
    public static string Harden(RuntimeArguments arguments, HookNode node, ref JournalEntry entry)
    {
        using SpecFile file = SpecFile.Of(arguments);
        var container = new StartingContainer
        {
            GivenRoot = arguments.GivenRoot ?? "",
            Root = arguments.Root,
            Id = arguments.Id,
            Bundle = arguments.Bundle,
            Folder = file.Folder,
            // By root alone, as for every later verb: a container that was created by one runtime is unknown to another.
            Runtime = node.Settings.Node.RuntimeFor(arguments.Engine),
            Spec = file.Bytes,
            Replace = bytes => file.Replace(bytes),
        };
        Harden(container, node, ref entry);
        return container.Runtime;
    }

    /// <summary>Hardens a container, wherever its spec comes from, and leaves a record and a journal line.</summary>
    /// <exception cref="Refusal">The container must not start.</exception>
    /// <exception cref="HardeningFormatException">Its spec cannot be read, or something of ours cannot be written.</exception>
    internal static void Harden(StartingContainer container, HookNode node, ref JournalEntry entry)
    {
        string? pause = Pause.InForce(node.Settings.Path, node.Now);
        ContainerSpec spec;
        ContainerFacts facts;
        try
        {
            spec = ContainerSpec.Parse(container.Spec);
            facts = FactsReader.Read(spec, container.GivenRoot) with { Bundle = container.Bundle.Length == 0 && container.KeepsBytes ? "." : container.Bundle };
        }
        catch (Exception e) when (pause is not null)
        {
            // A pause is how a node is repaired when we are what is wrong with it.
            PassThrough(container, node, $"{pause}. The spec would have been refused: {e.Message}", ref entry);
            return;
        }

        entry = Describe(entry, facts);
        if (pause is not null)
        {
            PassThrough(container, node, pause, ref entry);
            return;
        }

        PolicySource? source = PolicySource.Open(node.Settings, out string why);
        if (source is null)
        {
            PassThrough(container, node, $"{why}. hook.json says whenBroken: passThrough", ref entry);
            return;
        }

        PolicyDecision decision = PolicyEngine.Decide(spec, facts, node.Host, source.Policies, source.Profiles);
        entry = Describe(entry, decision, source, node.Settings);
        if (decision.Outcome == DecisionOutcome.Refuse)
        {
            throw new Refusal(decision.Message);
        }

        entry = entry with { Message = $"{entry.Message} {BeyondTheSpec.Check(entry.Verb, spec, decision, source.Policies)}".Trim() };
        Write(container, node, spec, decision, source, ref entry);
        node.Journal.Append(entry);
        StaleRecords.SweepSometimes(node.Settings.Node.StateDirectory, node.Now);
    }

    private static void Write(
        StartingContainer container, HookNode node, ContainerSpec spec, PolicyDecision decision, PolicySource source, ref JournalEntry entry)
    {
        (byte[] bytes, AppliedEdit[] applied) = SpecEditor.Apply(spec, decision.Edits);
        bool isHardened = decision.Outcome == DecisionOutcome.Allow && decision.Policies.Length > 0;
        ContainerSpec? hardened = isHardened ? ContainerSpec.Parse(bytes) : null;
        ContainerRecord record = RecordOf(container, node, entry) with
        {
            Ceiling = hardened is null ? null : ExecHardening.CeilingOf(hardened) with { Resources = decision.Resources },
            Confinement = hardened is null ? null : SpecGate.ConfinementOf(hardened),
            Edits = container.KeepsBytes ? applied : [],
        };
        try
        {
            Keep(container, node, record);
        }
        catch (SystemCallException e) when (!isHardened || source.Generation == EmergencyPolicy.Generation)
        {
            // Nothing to hold an exec to, or a node that must boot whatever is broken: the journal has the decision, and that there is no record.
            entry = entry with { Message = $"{entry.Message} There is no record of it: {e.Message}".TrimStart() };
        }

        try
        {
            if (decision.Edits.Count > 0)
            {
                container.Replace(bytes);
            }
        }
        catch (SystemCallException e) when (source.Generation == EmergencyPolicy.Generation)
        {
            entry = entry with
            {
                Decision = JournalDecision.PassThrough,
                Message = $"{entry.Message} The container starts as the engine described it: {e.Message}".TrimStart(),
            };
        }
    }

    private static void PassThrough(StartingContainer container, HookNode node, string why, ref JournalEntry entry)
    {
        entry = entry with { Decision = JournalDecision.PassThrough, Message = why };
        try
        {
            Keep(container, node, RecordOf(container, node, entry));
        }
        catch (SystemCallException e)
        {
            entry = entry with { Message = $"{why}. There is no record of it: {e.Message}" };
        }

        node.Journal.Append(entry);
    }

    // An id that the runtime knows already is about to be refused by it; the record of the container that has it must survive that.
    private static void Keep(StartingContainer container, HookNode node, ContainerRecord record)
    {
        if (!RuntimeState.Knows(container.Root, container.Id, container.Runtime))
        {
            node.Records.Write(record);
        }
    }

    private static ContainerRecord RecordOf(StartingContainer container, HookNode node, JournalEntry entry) => new()
    {
        Id = container.Id,
        Root = container.Root,
        Bundle = container.Bundle,
        BundleDevice = container.Folder.Device,
        BundleInode = container.Folder.Inode,
        Created = node.Now,
        Decision = entry.Decision,
        Generation = entry.Generation,
        Policies = entry.Policies,
    };

    /// <summary>The decision as the journal tells it.</summary>
    internal static JournalEntry Describe(JournalEntry entry, PolicyDecision decision, PolicySource source, HookSettings settings) => entry with
    {
        Decision = decision.Outcome switch
        {
            DecisionOutcome.Allow => JournalDecision.Allow,
            DecisionOutcome.Unmatched => JournalDecision.Unmatched,
            DecisionOutcome.Refuse => JournalDecision.Refuse,
            _ => JournalDecision.PassThrough,
        },
        Generation = source.Generation,
        Policies = decision.Policies,
        Changes = Changes(decision.Edits),
        Findings =
        [
            .. decision.Findings.Select(static finding => new JournalFinding(finding.Rule.Text(), finding.Policies, finding.Outcome.Text(), finding.Message)),
        ],
        Message = string.Join(". ", new[] { settings.Remark.TrimEnd('.', ' '), source.Remark, decision.Message }.Where(static part => part.Length > 0)),
    };

    /// <summary>The container as the journal tells it.</summary>
    internal static JournalEntry Describe(JournalEntry entry, ContainerFacts facts) => entry with
    {
        Engine = facts.Engine,
        Facts = new JournalFacts(facts.PodNamespace, facts.Pod, facts.Name, facts.Image, facts.IsSandbox, facts.LooksPrivileged),
    };

    /// <summary>The edits as the journal tells them.</summary>
    internal static JournalChange[] Changes(EditList edits)
        => [.. edits.Edits.Select(static edit => new JournalChange(edit.Path.Text(), edit.Owner.Text(), edit.Policies, edit.Before, edit.After))];
}
