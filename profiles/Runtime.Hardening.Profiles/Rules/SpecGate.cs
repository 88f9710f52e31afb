using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>
/// Whether a config.json is still at least as tight as the hook left it. Fields are compared, never bytes: another wrapper below the hook may add a device, a
/// mount or a hook, and may write the file anew; it may not loosen what policies manage.
/// </summary>
public static class SpecGate
{
    /// <summary>What the record keeps of a hardened spec beyond its ceiling.</summary>
    /// <exception cref="SpecFormatException">A managed place is not what the OCI specification says.</exception>
    public static Confinement ConfinementOf(ContainerSpec hardened) => new()
    {
        Seccomp = DigestOf(hardened),
        MaskedPaths = hardened.Texts(SpecPath.MaskedPaths),
        ReadonlyPaths = hardened.Texts(SpecPath.ReadonlyPaths),
        RootReadonly = hardened.Flag(SpecPath.RootReadonly),
    };

    /// <summary>What is looser than the record says, a phrase each; empty when nothing is.</summary>
    /// <param name="spec">config.json as it stands now.</param>
    /// <param name="ceiling">The record's ceiling.</param>
    /// <param name="confinement">The record's confinement; null in a record of a version that kept none.</param>
    /// <exception cref="SpecFormatException">A managed place is not what the OCI specification says.</exception>
    public static IReadOnlyList<string> Loosened(ContainerSpec spec, Ceiling ceiling, Confinement? confinement)
    {
        var found = new List<string>();
        CompareProcess(spec, ceiling, found);
        CompareLimits(spec, ceiling, found);
        if (ceiling.Resources is { } bounds)
        {
            CompareResources(spec, bounds, found);
        }

        if (ceiling.Seccomp && !spec.Has(SpecPath.Seccomp))
        {
            found.Add($"{SpecPath.Seccomp.Text()} is gone");
        }
        else if (confinement is { Seccomp.Length: > 0 } && DigestOf(spec) != confinement.Seccomp)
        {
            found.Add($"{SpecPath.Seccomp.Text()} is another profile");
        }

        if (confinement is not null)
        {
            ComparePaths(spec, confinement, found);
            // Of these the hook leaves none in a spec that it hardens.
            if (AnnotationsRule.Obeyed(spec) is { Length: > 0 } obeyed)
            {
                found.Add($"{SpecPath.Annotations.Text()} has gained {string.Join(", ", obeyed)}");
            }

            if (spec.Text(SpecPath.WorkingDirectory) is { } directory && WorkingDirectoryRule.LeadsOut(directory))
            {
                found.Add($"{SpecPath.WorkingDirectory.Text()} is '{directory}', which leads through what a process holds open");
            }
        }

        return found;
    }

    private static void CompareProcess(ContainerSpec spec, Ceiling ceiling, List<string> found)
    {
        for (int i = 0; i < Ceiling.CapabilitySets; i++)
        {
            SpecPath set = SpecPath.CapabilitiesBounding + i;
            var gained = new CapabilitySet(spec.CapabilitySet(set).Bits & ~ceiling.Capabilities[i].Bits);
            if (gained.Count > 0)
            {
                found.Add($"{set.Text()} has gained {(gained.ToNames() is { Length: > 0 } names ? string.Join(", ", names) : $"{gained.Bits:x16}")}");
            }
        }

        if (ceiling.NoNewPrivileges && !spec.Flag(SpecPath.NoNewPrivileges))
        {
            found.Add($"{SpecPath.NoNewPrivileges.Text()} is no longer true");
        }

        string profile = spec.Text(SpecPath.AppArmorProfile) ?? "";
        if (ceiling.AppArmorProfile.Length > 0 && profile != ceiling.AppArmorProfile)
        {
            found.Add($"{SpecPath.AppArmorProfile.Text()} is '{profile}' instead of '{ceiling.AppArmorProfile}'");
        }
    }

    private static void CompareLimits(ContainerSpec spec, Ceiling ceiling, List<string> found)
    {
        Rlimit[] limits = ceiling.Rlimits.Length == 0 ? [] : spec.Rlimits();
        foreach (Rlimit most in ceiling.Rlimits)
        {
            Rlimit[] own = [.. limits.Where(limit => limit.Type == most.Type)];
            if (own.Length == 0)
            {
                found.Add($"{SpecPath.Rlimits.Text()} has lost {most.Type}");
            }
            else if (Array.Find(own, limit => !IsWithin(limit, ceiling.Rlimits)) is { } raised)
            {
                found.Add($"{SpecPath.Rlimits.Text()} has {most.Type} raised from {most} to {raised}");
            }
        }
    }

    // A spec may have a type twice, and the hook leaves both.
    private static bool IsWithin(Rlimit limit, Rlimit[] most)
        => Array.Exists(most, other => other.Type == limit.Type && limit.Soft <= other.Soft && limit.Hard <= other.Hard);

    // Held as at create: whatever that would still have to lower was raised since.
    private static void CompareResources(ContainerSpec spec, ResourceBounds bounds, List<string> found)
    {
        if (!spec.Has(SpecPath.Linux))
        {
            found.Add("linux, with the bounds of resources in it, is gone");
            return;
        }

        var lowered = new EditList();
        ResourceHardening.AtCreate(spec, bounds, "", lowered);
        found.AddRange(lowered.Edits.Select(static edit => $"{edit.Path.Text()} is {edit.Before}, and the bound is {edit.After}"));
    }

    private static void ComparePaths(ContainerSpec spec, Confinement confinement, List<string> found)
    {
        string[] masked = spec.Texts(SpecPath.MaskedPaths), readOnly = spec.Texts(SpecPath.ReadonlyPaths);
        AddLost(SpecPath.MaskedPaths, confinement.MaskedPaths, masked, found);
        // A masked path shows nothing at all: nobody can write there either.
        AddLost(SpecPath.ReadonlyPaths, confinement.ReadonlyPaths, [.. readOnly, .. masked], found);
        if (confinement.RootReadonly && !spec.Flag(SpecPath.RootReadonly))
        {
            found.Add($"{SpecPath.RootReadonly.Text()} is no longer true");
        }
    }

    private static void AddLost(SpecPath place, string[] wanted, string[] present, List<string> found)
    {
        if (string.Join(", ", wanted.Where(path => Array.IndexOf(present, path) < 0)) is { Length: > 0 } paths)
        {
            found.Add($"{place.Text()} has lost {paths}");
        }
    }

    private static string DigestOf(ContainerSpec spec) => spec.Has(SpecPath.Seccomp) ? SeccompDigest.Of(spec.Raw(SpecPath.Seccomp)) : "";
}
