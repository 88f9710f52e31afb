using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>
/// A process that joins a container gets at most what the container's hardened spec has. Engines describe an exec from their own copy of the original
/// spec, so without this every exec would undo the hardening of create; only seccomp is inherited by the runtime itself.
/// </summary>
public static class ExecHardening
{
    /// <summary>The ceiling that a hardened config.json sets.</summary>
    public static Ceiling CeilingOf(ContainerSpec hardened)
    {
        var capabilities = new CapabilitySet[Ceiling.CapabilitySets];
        for (int i = 0; i < capabilities.Length; i++)
        {
            capabilities[i] = hardened.CapabilitySet(SpecPath.CapabilitiesBounding + i);
        }

        return new Ceiling
        {
            Capabilities = capabilities,
            NoNewPrivileges = hardened.Flag(SpecPath.NoNewPrivileges),
            AppArmorProfile = hardened.Text(SpecPath.AppArmorProfile) ?? "",
            Seccomp = hardened.Has(SpecPath.Seccomp),
            Rlimits = hardened.Rlimits(),
        };
    }

    /// <summary>What must change in a process.json.</summary>
    /// <param name="process">The process as the engine described it.</param>
    /// <param name="ceiling">From the container's record.</param>
    /// <param name="policies">The container's policies, comma-separated, for people.</param>
    /// <param name="inherited">The limit that the process gets where it asks for none: the caller's.</param>
    /// <exception cref="SpecFormatException">A managed place is not what the OCI specification says.</exception>
    public static EditList Edits(ContainerSpec process, Ceiling ceiling, string policies, Func<string, Rlimit?> inherited)
    {
        var edits = new EditList();
        // Without capabilities runtimes give the container's own, which are the ceiling: only sets that are there can exceed it.
        for (int i = 0; i < Ceiling.CapabilitySets; i++)
        {
            CapabilitiesRule.Cut(process, SpecPath.CapabilitiesBounding + i, ceiling.Capabilities[i], policies, edits);
        }

        // Absent means false for an exec, whatever the container has.
        if (ceiling.NoNewPrivileges && !process.Flag(SpecPath.NoNewPrivileges))
        {
            string before = process.Has(SpecPath.NoNewPrivileges) ? "false" : "absent";
            edits.Add(new SpecEdit(SpecPath.NoNewPrivileges, "true"u8.ToArray(), RuleId.NoNewPrivileges, policies, before, "true"));
        }

        string profile = process.Text(SpecPath.AppArmorProfile) ?? "";
        if (ceiling.AppArmorProfile.Length > 0 && profile != ceiling.AppArmorProfile)
        {
            edits.Add(new SpecEdit(
                SpecPath.AppArmorProfile, JsonText.Quoted(ceiling.AppArmorProfile),
                RuleId.AppArmor, policies, profile.Length == 0 ? "absent" : profile, ceiling.AppArmorProfile));
        }

        WorkingDirectoryRule.Neutralise(process, policies, edits);
        RlimitsRule.Lower(process, ceiling.Rlimits, inherited, policies, edits);
        return edits;
    }

    /// <summary>
    /// The container's limits that a process would exceed if it got the caller's: what crun gives to one that is described by flags, where runc gives the
    /// container's own.
    /// </summary>
    /// <param name="ceiling">From the container's record.</param>
    /// <param name="inherited">The caller's limit of a type.</param>
    public static Rlimit[] Exceeded(Ceiling ceiling, Func<string, Rlimit?> inherited)
        => Array.FindAll(ceiling.Rlimits, limit => inherited(limit.Type) is { } own && own.Min(limit) != own);
}
