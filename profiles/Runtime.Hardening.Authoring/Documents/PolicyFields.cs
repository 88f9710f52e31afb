using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>
/// Every field below <c>spec</c>, once: the parser, inheritance, diff and the test of the JSON Schema all read this table. A path with dots
/// also makes its prefixes known as sections; <c>*</c> is a key from <see cref="PolicyField.Keys"/>.
/// </summary>
internal static class PolicyFields
{
    public const string Match = "match";
    public const string Mode = "mode";
    public const string SeccompProfile = "seccomp.profile";
    public const string AppArmorProfile = "apparmor.profile";
    public const string AppArmorCombine = "apparmor.combine";
    public const string AppArmorOtherwise = "apparmor.otherwise";
    public const string CapabilitiesKeep = "capabilities.keep";
    public const string NoNewPrivileges = "noNewPrivileges";
    public const string RootFilesystem = "rootFilesystem";
    public const string PathsMask = "paths.mask";
    public const string PathsReadOnly = "paths.readOnly";
    public const string Rlimits = "rlimits.*";
    public const string PidsMax = "resources.pidsMax";
    public const string MemoryMax = "resources.memoryMax";
    public const string CpuMax = "resources.cpuMax";
    public const string HostNamespacesDeny = "require.hostNamespaces.deny";
    public const string HostNamespacesOtherwise = "require.hostNamespaces.otherwise";
    public const string PrivilegedDeny = "require.privileged.deny";
    public const string PrivilegedOtherwise = "require.privileged.otherwise";
    public const string MountsDenySources = "require.mounts.denySources";
    public const string MountsOtherwise = "require.mounts.otherwise";
    public const string UserNonRoot = "require.user.nonRoot";
    public const string UserOtherwise = "require.user.otherwise";
    public const string OnError = "onError";

    /// <summary>Handled by the reader itself: it names other policies, so it is no leaf.</summary>
    public const string Extends = "extends";

    public static readonly IReadOnlyList<PolicyField> All =
    [
        new(Match, MatchReader.Read),
        new(Mode, static (values, node) => values.Choice(node, Words.Modes)),
        new(SeccompProfile, static (values, node) => values.ProfileName(node)),
        new(AppArmorProfile, static (values, node) => values.ProfileName(node)),
        new(AppArmorCombine, static (values, node) => values.Choice(node, Words.Combines)),
        new(AppArmorOtherwise, static (values, node) => values.Choice(node, Words.Otherwises)),
        new(CapabilitiesKeep, static (values, node) => values.Capabilities(node)),
        new(NoNewPrivileges, static (values, node) => values.Truth(node)),
        new(RootFilesystem, static (values, node) => values.Choice(node, Words.RootFilesystems)),
        new(PathsMask, static (values, node) => values.Paths(node)),
        new(PathsReadOnly, static (values, node) => values.Paths(node)),
        new(Rlimits, static (values, node) => RlimitReader.Read(values, node)) { Keys = RlimitReader.KnownTypes },
        new(PidsMax, static (values, node) => QuantityReader.Pids(values, node)),
        new(MemoryMax, static (values, node) => QuantityReader.Memory(values, node)),
        new(CpuMax, static (values, node) => QuantityReader.Cpus(values, node)),
        new(HostNamespacesDeny, static (values, node) => values.Choices(node, Words.Namespaces)),
        new(HostNamespacesOtherwise, static (values, node) => values.Choice(node, Words.Otherwises)),
        new(PrivilegedDeny, static (values, node) => values.Truth(node)),
        new(PrivilegedOtherwise, static (values, node) => values.Choice(node, Words.Otherwises)),
        new(MountsDenySources, static (values, node) => values.Globs(node, absolute: true)),
        new(MountsOtherwise, static (values, node) => values.Choice(node, Words.Otherwises)),
        new(UserNonRoot, static (values, node) => values.Truth(node)),
        new(UserOtherwise, static (values, node) => values.Choice(node, Words.Otherwises)),
        new(OnError, static (values, node) => values.Choice(node, Words.OnErrors)),
    ];

    /// <summary>Fields of the policy language that this version reads in no way, each with what to do instead. They are errors: a demand nobody acts on must not pass in silence.</summary>
    public static readonly IReadOnlyDictionary<string, string> NotSupported = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["rollout"] = "Narrow 'match' to roll a policy out in steps.",
        ["watch"] = "Remove it.",
        ["seccomp.log"] = "Remove it.",
    };

    /// <summary>The names that may stand in the section; the empty path is <c>spec</c> itself.</summary>
    public static IEnumerable<string> NamesIn(string section)
    {
        string prefix = section.Length == 0 ? "" : section + ".";
        IEnumerable<string> paths = section.Length == 0 ? All.Select(f => f.Path).Append(Extends) : All.Select(f => f.Path);
        return paths.Where(p => p.StartsWith(prefix, StringComparison.Ordinal)).Select(p => p[prefix.Length..].Split('.')[0]).Distinct();
    }
}

/// <summary>A row of the table.</summary>
/// <param name="Path">Below spec, with dots.</param>
/// <param name="Read">Gives the leaf's value, or null after a finding.</param>
internal sealed record PolicyField(string Path, Func<ValueReader, YamlNode, object?> Read)
{
    /// <summary>For a path that ends in <c>*</c>: the keys that may stand there.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];
}
