using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook;

/// <summary>
/// The gate: a hook cannot change a container (the runtime has read config.json by then), but it can stop one that did not come through the wrapper, or that
/// somebody loosened after it. Silent where there is nothing to say: the wrapper's own line tells of the container.
/// </summary>
internal static class OciHookGate
{
    /// <summary>Returns when the container may start.</summary>
    /// <exception cref="Refusal">It may not.</exception>
    /// <exception cref="HardeningFormatException">Its spec or its record cannot be read.</exception>
    public static void Check(ReadOnlySpan<byte> input, HookNode node, ref JournalEntry entry)
    {
        OciHookState state = OciHookState.Parse(input);
        entry = entry with { Id = state.Id, Bundle = state.Bundle };
        if (Pause.InForce(node.Settings.Path, node.Now) is { } pause)
        {
            // Before anything is read that may be what is broken.
            PassThrough(node, pause, ref entry);
            return;
        }

        using SpecFile file = SpecFile.Open(state.Bundle, "config.json");
        ContainerSpec spec = ContainerSpec.Parse(file.Bytes);
        ContainerRecord? record = node.Records.FindByBundle(state.Id, file.Folder);
        if (record is not null && LostRecord.IsRebuilt(record))
        {
            record = null;   // it says what a container is, and not that it came through the wrapper
        }

        IReadOnlyList<string> loosened = record?.Ceiling is { } ceiling ? SpecGate.Loosened(spec, ceiling, record.Confinement) : [];
        if (record?.Ceiling is not null && loosened.Count == 0)
        {
            return;
        }

        // As the command line has it: a record's root may be the environment's, which tells nothing of the engine.
        string root = OciHookParent.RootOf(state.Id) ?? record?.Root ?? "";
        ContainerFacts facts = FactsReader.Read(spec, root) with { Bundle = state.Bundle };
        entry = CreateCommand.Describe(entry, facts) with { Root = root };
        if (record?.Ceiling is not null)
        {
            Refuse(record, loosened, node, ref entry);
        }
        else
        {
            Decide(spec, facts, record, node, ref entry);
        }
    }

    private static void Refuse(ContainerRecord record, IReadOnlyList<string> loosened, HookNode node, ref JournalEntry entry)
    {
        entry = entry with { Generation = record.Generation, Policies = record.Policies };
        string what = $"container '{record.Id}' is not as hardening-hook left it (policy '{string.Join(", ", record.Policies)}'): {string.Join("; ", loosened)}";
        if (record.Generation == EmergencyPolicy.Generation)
        {
            PassThrough(node, $"{what}. The built-in policy refuses nothing", ref entry);
            return;
        }

        throw new Refusal(
            $"{what}. Either it was started through a runtime entry that does not go through hardening-hook, or a wrapper below hardening-hook changed "
            + "config.json: start it through the hardened entry, and let wrappers that change these fields stand above hardening-hook");
    }

    // No record, or one of a container that no policy matched when it was written: what would have become of it decides.
    private static void Decide(ContainerSpec spec, ContainerFacts facts, ContainerRecord? record, HookNode node, ref JournalEntry entry)
    {
        PolicySource? source = PolicySource.Open(node.Settings, out string why);
        if (source is null)
        {
            PassThrough(node, $"{why}. hook.json says whenBroken: passThrough", ref entry);
            return;
        }

        PolicyDecision decision = PolicyEngine.Decide(spec, facts, node.Host, source.Policies, source.Profiles);
        entry = CreateCommand.Describe(entry, decision, source, node.Settings) with { Changes = [] };   // what would have changed: nothing was
        string entrance = $"container '{entry.Id}' was started through a runtime entry that does not go through hardening-hook";
        if (decision.Outcome == DecisionOutcome.Refuse)
        {
            throw new Refusal($"{entrance}, which would refuse it: {decision.Message}");
        }

        string missing = $"policy '{string.Join(", ", decision.Policies)}' would have changed its "
            + string.Join(", ", decision.Edits.Edits.Select(static edit => edit.Owner.Text()).Distinct());
        if (decision.Edits.Count > 0 && IsRequired(decision, source.Policies))
        {
            throw new Refusal($"{entrance}; {missing}; start it through the hardened entry of its engine ('hardenctl engine status' tells which that is)");
        }

        if (record is not null || decision.Outcome == DecisionOutcome.Unmatched)
        {
            return;
        }

        if (decision.Edits.Count > 0)
        {
            PassThrough(node, $"{entrance}; {missing}, and onError lets it start", ref entry);
            return;
        }

        entry = entry with { Message = $"{entrance}, and has all that its policies ask for. {entry.Message}".TrimEnd() };
        node.Journal.Append(entry);
    }

    // An edit may be several policies' wish; one that insists is enough.
    private static bool IsRequired(PolicyDecision decision, IReadOnlyList<Policy> policies)
        => decision.Edits.Edits.Any(edit => edit.Policies.Split(", ").Any(
            name => policies.Any(policy => policy.Name == name && policy.OnError == OnError.Refuse)));

    private static void PassThrough(HookNode node, string why, ref JournalEntry entry)
    {
        entry = entry with { Decision = JournalDecision.PassThrough, Message = why };
        node.Journal.Append(entry);
    }
}
