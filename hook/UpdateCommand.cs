using System.Text;
using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Settings;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook;

/// <summary>
/// update: what policies bound stays bounded. Resources that an engine hands over are cut to the bound, because a kubelet that is refused asks again for ever;
/// flags, which people write, are refused with a sentence. Where nothing is bounded not even standard input is looked at.
/// </summary>
internal static class UpdateCommand
{
    /// <summary>Gives the path of the runtime to become, and the arguments to become it with.</summary>
    /// <exception cref="Refusal">The update would lift a bound.</exception>
    /// <exception cref="HardeningFormatException">The record or the resources cannot be read.</exception>
    public static (string Runtime, IReadOnlyList<string> Arguments) Hold(RuntimeArguments arguments, HookNode node, ref JournalEntry entry)
    {
        string engine = arguments.Engine;
        string runtime = node.Settings.Node.RuntimeFor(engine);
        UpdateArguments update = UpdateArguments.Parse(arguments);
        update.Ids.ForEach(CommandLineChecks.RefusePathAsId);
        entry = entry with { Engine = engine, Id = update.Ids.FirstOrDefault() ?? "" };
        ContainerRecord? record;
        try
        {
            record = Bounded(arguments, update, runtime, node);
        }
        catch (HardeningFormatException) when (Pause.InForce(node.Settings.Path, node.Now) is not null)
        {
            return (runtime, arguments.All);   // a damaged record is a reason to pause
        }

        if (record?.Ceiling?.Resources is not { } limits)
        {
            CheckUnknown(arguments, update, runtime, node, entry);
            return (runtime, arguments.All);
        }

        entry = entry with { Id = record.Id, Decision = JournalDecision.Allow, Generation = record.Generation, Policies = record.Policies };
        if (Pause.InForce(node.Settings.Path, node.Now) is { } pause)
        {
            node.Journal.Append(entry with { Decision = JournalDecision.PassThrough, Message = pause });
            return (runtime, arguments.All);
        }

        RefuseWhatCannotBeRead(update);
        string policies = string.Join(", ", record.Policies);
        if (update.File.Length == 0)
        {
            RefuseFlagsThatLift(update, limits, record);
            return (runtime, arguments.All);
        }

        return (runtime, HoldFile(arguments, update, limits, policies, node, ref entry));
    }

    // Any of the words may be the id, as long as a flag of tomorrow may take one of them as its value.
    private static ContainerRecord? Bounded(RuntimeArguments arguments, UpdateArguments update, string runtime, HookNode node)
    {
        foreach (string id in update.Ids)
        {
            if (node.Records.FindEither(arguments.Root, id, runtime) is { Ceiling.Resources: not null } record)
            {
                return record;
            }
        }

        return null;
    }

    // What policies bound is nowhere but in the record. The first time it is said and marked in a record that is made anew, so that a kubelet's
    // updates do not fill the journal.
    private static void CheckUnknown(RuntimeArguments arguments, UpdateArguments update, string runtime, HookNode node, JournalEntry entry)
    {
        if (update.Ids.Count != 1 || !RuntimeState.Knows(arguments.Root, update.Ids[0], runtime) || Pause.InForce(node.Settings.Path, node.Now) is not null)
        {
            return;   // the runtime's to refuse, or a node under repair
        }

        ContainerRecord? record = node.Records.FindEither(arguments.Root, update.Ids[0], runtime);
        if (record is not null && (!LostRecord.IsRebuilt(record) || (record.SaidUpdate && node.Settings.Node.WhenBroken != WhenBroken.Refuse)))
        {
            return;   // known, and nothing of it is bounded; or not known, and said
        }

        const string Why = "the container had no record (it was not created through hardening-hook, or its record was lost), so what policies bound is not known";
        if (node.Settings.Node.WhenBroken == WhenBroken.Refuse)
        {
            throw new Refusal($"{Why}. hook.json says whenBroken: refuse");
        }

        try
        {
            // An exec may have made the record anew before: what counts is whether an update was said.
            if (record is null)
            {
                LostRecord.Rebuild(arguments.Root, update.Ids[0], runtime, node, out _, saidUpdate: true);
            }
            else
            {
                node.Records.Write(record with { SaidUpdate = true }, keepCount: true);
            }
        }
        catch (SystemCallException)
        {
            // Then the next update says it again: nothing of it depends on the record.
        }

        node.Journal.Append(entry with { Decision = JournalDecision.PassThrough, Message = Why });
    }

    private static void RefuseWhatCannotBeRead(UpdateArguments update)
    {
        if (update.UnknownFlag is { } flag)
        {
            throw new Refusal($"'{flag}' is no flag of an update that hardening-hook knows, and policy bounds what this container may use; leave it out, or write it as --flag=value");
        }

        if (update.Ids.Count > 1)
        {
            throw new Refusal(
                $"the update has the arguments '{string.Join("' and '", update.Ids)}' where runtimes take one container id; "
                + "if one is the value of a flag, hardening-hook does not know that flag: write it as --flag=value");
        }
    }

    private static void RefuseFlagsThatLift(UpdateArguments update, ResourceBounds limits, ContainerRecord record)
    {
        EditList edits = ResourceHardening.AtUpdate(ContainerSpec.ParseResources(UpdateFlags.ToResources(update)), limits, string.Join(", ", record.Policies));
        if (edits.Count > 0)
        {
            SpecEdit lifted = edits.Edits[0];
            throw new Refusal(
                $"the update would set {lifted.Path.Text()} of container '{record.Id}' to {lifted.Before}, and policy '{lifted.Policies}' allows at most {lifted.After}; "
                + "ask for no more, or change the policy and create the container again");
        }
    }

    private static IReadOnlyList<string> HoldFile(
        RuntimeArguments arguments, UpdateArguments update, ResourceBounds limits, string policies, HookNode node, ref JournalEntry entry)
    {
        bool isInput = update.File == UpdateArguments.StandardInput;
        string name = isInput ? "standard input" : update.File;
        byte[] given;
        using (Descriptor source = isInput ? new Descriptor(-1) : JsonInput.Open(update.File))
        {
            given = JsonInput.ReadValue(isInput ? new Descriptor(0) : source, name);
        }

        ContainerSpec resources = ContainerSpec.ParseResources(given);
        EditList edits = ResourceHardening.AtUpdate(resources, limits, policies);
        // The runtime gets what was judged, changed or not: standard input is spent, and a file could be another by the time it is opened again.
        using Descriptor copy = MemoryFile.Make("hardening-update", SpecEditor.Apply(resources, edits).Bytes);
        IReadOnlyList<string> all = arguments.All;
        if (isInput)
        {
            MemoryFile.PutAt(copy, 0);
            all = update.WithFile(all, UpdateArguments.StandardInput);
        }
        else
        {
            // The caller's file stays as it is. The copy has no name but its number, so this number must outlive the execve.
            all = update.WithFile(all, $"/proc/self/fd/{MemoryFile.Inherited(copy)}");
        }

        if (edits.Count > 0)
        {
            entry = entry with { Changes = CreateCommand.Changes(edits) };
            node.Journal.Append(entry);
        }

        return all;
    }
}
