using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Compiling;

/// <summary>Turns resolved documents into what the hook applies. It checks nothing: only a set without errors may be compiled.</summary>
public static class PolicyCompiler
{
    /// <summary>Compiles every policy of the set, in the order of their names.</summary>
    /// <exception cref="ArgumentException">The set has errors, so that a profile it names is not there.</exception>
    public static Policy[] Compile(PolicySet set) => [.. set.Policies.Select(p => Compile(p, set))];

    private static Policy Compile(ResolvedPolicy source, PolicySet set) => new()
    {
        Name = source.Document.Name,
        Mode = source.Value<string>(PolicyFields.Mode) is { } mode ? Words.Mode(mode) : PolicyMode.Enforce,
        OnError = source.Value<string>(PolicyFields.OnError) is { } error ? Words.Error(error) : OnError.Refuse,
        Match = source.Value<MatchClause[]>(PolicyFields.Match) ?? [],
        Seccomp = Seccomp(source, set.Seccomp),
        AppArmor = AppArmor(source, set.AppArmor),
        KeepCapabilities = source.Value<string[]>(PolicyFields.CapabilitiesKeep) is { } keep ? Capabilities(keep) : null,
        NoNewPrivileges = source.IsTrue(PolicyFields.NoNewPrivileges),
        ReadOnlyRootFilesystem = source.Leaves.ContainsKey(PolicyFields.RootFilesystem),
        MaskPaths = Sorted(source, PolicyFields.PathsMask),
        ReadOnlyPaths = Sorted(source, PolicyFields.PathsReadOnly),
        Rlimits = Limits(source),
        Resources = Bounds(source),
        RequireHostNamespaces = source.Value<string[]>(PolicyFields.HostNamespacesDeny) is { Length: > 0 } denied
            ? new HostNamespacesRequirement(denied, Action(source, PolicyFields.HostNamespacesOtherwise)) : null,
        RequirePrivileged = source.IsTrue(PolicyFields.PrivilegedDeny) ? new PrivilegedRequirement(Action(source, PolicyFields.PrivilegedOtherwise)) : null,
        RequireMounts = Sorted(source, PolicyFields.MountsDenySources) is { Length: > 0 } sources
            ? new MountsRequirement(sources, Action(source, PolicyFields.MountsOtherwise)) : null,
        RequireUser = source.IsTrue(PolicyFields.UserNonRoot) ? new UserRequirement(Action(source, PolicyFields.UserOtherwise)) : null,
    };

    private static SeccompDemand? Seccomp(ResolvedPolicy source, IReadOnlyDictionary<string, SeccompSource> profiles)
    {
        if (source.Value<string>(PolicyFields.SeccompProfile) is not { } name)
        {
            return null;
        }

        return profiles.TryGetValue(name, out SeccompSource? profile)
            ? new SeccompDemand(name, profile.FileName, profile.Checksum,
                profile.ByCapability is { } other ? new SeccompByCapability(other.Capabilities, other.FileName, other.Checksum) : null)
            : throw new ArgumentException($"The set has errors: '{source.Document.Name}' names the seccomp profile '{name}', which is not there.");
    }

    private static AppArmorDemand? AppArmor(ResolvedPolicy source, IReadOnlyDictionary<string, AppArmorSource> described)
    {
        if (source.Value<string>(PolicyFields.AppArmorProfile) is not { } profile)
        {
            return null;
        }

        AppArmorCombine combine = source.Value<string>(PolicyFields.AppArmorCombine) is { } word ? Words.Combine(word) : AppArmorCombine.ReplaceDefault;
        Otherwise? otherwise = source.Value<string>(PolicyFields.AppArmorOtherwise) is { } action ? Words.Otherwise(action) : null;
        // The exact version: what the description says later is another generation's.
        return new AppArmorDemand(described.TryGetValue(profile, out AppArmorSource? text) ? text.Profile.Name : profile, combine, otherwise);
    }

    private static CapabilitySet Capabilities(string[] names)
    {
        CapabilitySet set = CapabilitySet.None;
        foreach (string name in names)
        {
            set = CapabilitySet.TryParse(name, out CapabilitySet one) ? set.Union(one) : throw new ArgumentException($"The set has errors: '{name}' is no capability.");
        }

        return set;
    }

    private static Rlimit[] Limits(ResolvedPolicy source)
    {
        const string Prefix = "rlimits.";
        return [.. source.Leaves.Values.Where(l => l.Path.StartsWith(Prefix, StringComparison.Ordinal)).Select(l => ((Rlimit)l.Value) with { Type = l.Path[Prefix.Length..] })];
    }

    private static ResourceBounds? Bounds(ResolvedPolicy source)
    {
        ulong? Value(string path) => source.Value<Quantity>(path)?.Value;
        return new ResourceBounds(Value(PolicyFields.PidsMax), Value(PolicyFields.MemoryMax), Value(PolicyFields.CpuMax)) is { IsEmpty: false } bounds ? bounds : null;
    }

    // Order has no meaning between paths, and a fixed one keeps the digest of a generation the same when lines are only moved.
    private static string[] Sorted(ResolvedPolicy source, string path) => [.. (source.Value<string[]>(path) ?? []).Order(StringComparer.Ordinal)];

    private static Otherwise Action(ResolvedPolicy source, string path) => source.Value<string>(path) is { } word ? Words.Otherwise(word) : Otherwise.Refuse;
}
