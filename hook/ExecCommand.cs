using System.Text;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Settings;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook;

/// <summary>exec: process.json + record → edits. Engines describe an exec from their own copy of the original spec.</summary>
internal static class ExecCommand
{
    private const string NoNewPrivileges = "--no-new-privs";

    /// <summary>Hardens the process and gives the path of the runtime to become, and the arguments and at most the limits to become it with.</summary>
    /// <exception cref="Refusal">The process must not start.</exception>
    /// <exception cref="HardeningFormatException">The record or the process cannot be read.</exception>
    public static (string Runtime, IReadOnlyList<string> Arguments, IReadOnlyList<Rlimit> Limits) Harden(RuntimeArguments arguments, HookNode node, ref JournalEntry entry)
    {
        string engine = arguments.Engine;
        string runtime = node.Settings.Node.RuntimeFor(engine);
        entry = entry with { Engine = engine };
        IReadOnlyList<string> all = arguments.All;
        Rlimit[] limits = [];
        if (Pause.InForce(node.Settings.Path, node.Now) is { } pause)
        {
            // Before the record is read: a damaged one is a reason to pause.
            node.Journal.Append(entry with { Decision = JournalDecision.PassThrough, Message = pause });
            return (runtime, all, limits);
        }

        string why = "";
        ContainerRecord? record = node.Records.FindEither(arguments.Root, arguments.Id, runtime);
        if (record is null)
        {
            record = LostRecord.Rebuild(arguments.Root, arguments.Id, runtime, node, out why);
            entry = entry with { Message = record is null ? why : LostRecord.Rebuilt };
        }

        if (record is null && node.Settings.Node.WhenBroken == WhenBroken.Refuse)
        {
            throw new Refusal($"{why}. hook.json says whenBroken: refuse");
        }

        if (record is null && node.Settings.Node.WhenBroken != WhenBroken.PassThrough && RuntimeState.IsUnknown(arguments.Root, arguments.Id, runtime))
        {
            // The runtime would say the same, unless it reads its command line in a way that we do not.
            throw new Refusal(
                $"container '{arguments.Id}' does not exist: it has no record, and '{RuntimeState.FolderOf(arguments.Root, arguments.Id, runtime)}' is no folder of it");
        }

        if (record?.Ceiling is not { } ceiling)
        {
            entry = entry with { Decision = record?.Decision ?? JournalDecision.PassThrough, Generation = record?.Generation ?? "", Policies = record?.Policies ?? [] };
        }
        else
        {
            entry = entry with { Decision = JournalDecision.Allow, Generation = record.Generation, Policies = record.Policies };
            string policies = string.Join(", ", record.Policies);
            if (ceiling.Resources is not null && arguments.CgroupAbove.Length > 0)
            {
                throw new Refusal(
                    $"--cgroup {arguments.CgroupAbove} leads out of the cgroup of container '{arguments.Id}', whose resources policy '{policies}' bounds; name one below it, or leave it out");
            }

            if (arguments.Process.Length > 0)
            {
                entry = entry with { Changes = HardenFile(arguments.Process, ceiling, policies, node) };
            }
            else
            {
                CheckFlags(arguments, ceiling, policies.Length > 0 ? $"policy '{policies}'" : "no policy, but its own confinement");
                if (ceiling.NoNewPrivileges && !arguments.NoNewPrivileges)
                {
                    // runc takes it from config.json; crun starts a process of the flag form without it. Both know the flag.
                    all = [.. all.Take(arguments.VerbIndex + 1), NoNewPrivileges, .. all.Skip(arguments.VerbIndex + 1)];
                }

                limits = IsRuncs(arguments, runtime) ? [] : ExecHardening.Exceeded(ceiling, node.Host.InheritedLimit);
                entry = entry with { Changes = [.. limits.Select(limit => Lowered(limit, policies, node))] };
            }
        }

        if (entry.Message.Length > 0 || record is null || !node.Records.CountRepeatedExec(record.Root, arguments.Id, Signature(entry)))
        {
            node.Journal.Append(entry);
        }

        return (runtime, all, limits);
    }

    // runc gives a process of the flag form the limits of config.json, and its own runtime would choke on some of them. crun gives it what it inherited
    // itself, and no flag changes that; a file in the place of the flags could not say all that they can (words that are no UTF-8, and the user, which
    // versions of crun choose differently). So crun is started under the container's limits, which the process then inherits.
    private static bool IsRuncs(RuntimeArguments arguments, string runtime)
        => File.Exists($"{RuntimeState.FolderOf(arguments.Root, arguments.Id, runtime)}/{RuntimeStateFile.Runc}");

    private static JournalChange Lowered(Rlimit limit, string policies, HookNode node)
    {
        Rlimit inherited = node.Host.InheritedLimit(limit.Type)!;
        return new JournalChange(SpecPath.Rlimits.Text(), RuleId.Rlimits.Text(), policies, $"{limit.Type}={inherited}", $"{limit.Type}={inherited.Min(limit)}");
    }

    private static JournalChange[] HardenFile(string path, Ceiling ceiling, string policies, HookNode node)
    {
        int slash = path.LastIndexOf('/');
        using SpecFile file = SpecFile.Open(slash < 0 ? "" : path[..(slash + 1)], path[(slash + 1)..]);
        ContainerSpec process = ContainerSpec.ParseProcess(file.Bytes);
        EditList edits = ExecHardening.Edits(process, ceiling, policies, node.Host.InheritedLimit);
        if (edits.Count > 0)
        {
            file.Replace(SpecEditor.Apply(process, edits).Bytes);
        }

        return CreateCommand.Changes(edits);
    }

    // Without a file runc takes the process from the bundle's config.json, which is hardened already; only these flags could loosen it again. --cap adds
    // to all five sets.
    private static void CheckFlags(RuntimeArguments arguments, Ceiling ceiling, string owner)
    {
        foreach (string name in arguments.Capabilities)
        {
            string full = name.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? name.ToUpperInvariant() : $"CAP_{name.ToUpperInvariant()}";
            if (!CapabilitySet.TryParse(full, out CapabilitySet capability) || !Array.TrueForAll(ceiling.Capabilities, set => set.Contains(capability)))
            {
                throw new Refusal($"--cap {name} asks for more than container '{arguments.Id}' has ({owner}); leave it out");
            }
        }

        if (WorkingDirectoryRule.LeadsOut(arguments.WorkingDirectory))
        {
            throw new Refusal(
                $"--cwd {arguments.WorkingDirectory} leads through what a process holds open, which may be the host's ({owner}); name a folder of container '{arguments.Id}'");
        }

        if (arguments.DropsNoNewPrivileges && ceiling.NoNewPrivileges)
        {
            throw new Refusal($"--no-new-privs=false would lift no_new_privs of container '{arguments.Id}' ({owner}); leave it out");
        }

        if (arguments.AppArmor.Length > 0 && ceiling.AppArmorProfile.Length > 0 && arguments.AppArmor != ceiling.AppArmorProfile)
        {
            throw new Refusal(
                $"--apparmor {arguments.AppArmor} would replace '{ceiling.AppArmorProfile}' of container '{arguments.Id}' ({owner}); leave it out");
        }
    }

    // Two execs are the same decision when all that the journal would say of them is the same.
    private static uint Signature(JournalEntry entry)
        => PolicyIndex.Checksum(Encoding.UTF8.GetBytes(
            $"{entry.Decision} {entry.Generation} {entry.Message} {string.Join(' ', entry.Changes.Select(static change => change.ToString()))}"));
}
