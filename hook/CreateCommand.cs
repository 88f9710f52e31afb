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
        // By root alone, as for every later verb: a container that was created by one runtime is unknown to another.
        string runtime = node.Settings.Node.RuntimeFor(FactsReader.EngineOf(arguments.Root, ""));
        string? pause = Pause.InForce(node.Settings.Path, node.Now);
        ContainerSpec spec;
        ContainerFacts facts;
        try
        {
            spec = ContainerSpec.Parse(file.Bytes);
            facts = FactsReader.Read(spec, arguments.Root);
        }
        catch (Exception e) when (pause is not null)
        {
            // A pause is how a node is repaired when we are what is wrong with it.
            return PassThrough(arguments, node, file, $"{pause}. The spec would have been refused: {e.Message}", runtime, ref entry);
        }

        entry = entry with
        {
            Engine = facts.Engine,
            Facts = new JournalFacts(facts.PodNamespace, facts.Pod, facts.Name, facts.Image, facts.IsSandbox, facts.LooksPrivileged),
        };
        if (pause is not null)
        {
            return PassThrough(arguments, node, file, pause, runtime, ref entry);
        }

        PolicySource? source = PolicySource.Open(node.Settings, out string why);
        if (source is null)
        {
            return PassThrough(arguments, node, file, $"{why}. hook.json says whenBroken: passThrough", runtime, ref entry);
        }

        PolicyDecision decision = PolicyEngine.Decide(spec, facts, node.Host, source.Policies, source.Profiles);
        entry = Describe(entry, decision, source, node.Settings);
        if (decision.Outcome == DecisionOutcome.Refuse)
        {
            throw new Refusal(decision.Message);
        }

        entry = entry with { Message = $"{entry.Message} {BeyondTheSpec.Check(arguments.Verb, spec, decision, source.Policies)}".Trim() };
        Write(arguments, node, runtime, file, spec, decision, source, ref entry);
        node.Journal.Append(entry);
        StaleRecords.SweepSometimes(node.Settings.Node.StateDirectory, node.Now);
        return runtime;
    }

    private static void Write(
        RuntimeArguments arguments, HookNode node, string runtime, SpecFile file, ContainerSpec spec, PolicyDecision decision, PolicySource source, ref JournalEntry entry)
    {
        (byte[] bytes, AppliedEdit[] applied) = SpecEditor.Apply(spec, decision.Edits);
        bool isHardened = decision.Outcome == DecisionOutcome.Allow && decision.Policies.Length > 0;
        ContainerRecord record = RecordOf(arguments, node, file, entry) with
        {
            Ceiling = isHardened ? ExecHardening.CeilingOf(ContainerSpec.Parse(bytes)) with { Resources = decision.Resources } : null,
            Edits = applied,
        };
        try
        {
            Keep(arguments, node, runtime, record);
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
                file.Replace(bytes);
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

    private static string PassThrough(RuntimeArguments arguments, HookNode node, SpecFile file, string why, string runtime, ref JournalEntry entry)
    {
        entry = entry with { Decision = JournalDecision.PassThrough, Message = why };
        try
        {
            Keep(arguments, node, runtime, RecordOf(arguments, node, file, entry));
        }
        catch (SystemCallException e)
        {
            entry = entry with { Message = $"{why}. There is no record of it: {e.Message}" };
        }

        node.Journal.Append(entry);
        return runtime;
    }

    // An id that the runtime knows already is about to be refused by it; the record of the container that has it must survive that.
    private static void Keep(RuntimeArguments arguments, HookNode node, string runtime, ContainerRecord record)
    {
        if (!RuntimeState.Knows(arguments.Root, arguments.Id, runtime))
        {
            node.Records.Write(record);
        }
    }

    private static ContainerRecord RecordOf(RuntimeArguments arguments, HookNode node, SpecFile file, JournalEntry entry)
    {
        (ulong device, ulong inode) = file.Folder;
        return new ContainerRecord
        {
            Id = arguments.Id,
            Root = arguments.Root,
            Bundle = arguments.Bundle,
            BundleDevice = device,
            BundleInode = inode,
            Created = node.Now,
            Decision = entry.Decision,
            Generation = entry.Generation,
            Policies = entry.Policies,
        };
    }

    private static JournalEntry Describe(JournalEntry entry, PolicyDecision decision, PolicySource source, HookSettings settings) => entry with
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

    /// <summary>The edits as the journal tells them.</summary>
    internal static JournalChange[] Changes(EditList edits)
        => [.. edits.Edits.Select(static edit => new JournalChange(edit.Path.Text(), edit.Owner.Text(), edit.Policies, edit.Before, edit.After))];
}
