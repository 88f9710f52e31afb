namespace Runtime.Hardening.Profiles.Rules;

/// <summary>All rules. The order is the order of findings and nothing else.</summary>
internal static class RuleList
{
    public static ReadOnlySpan<(RuleId Id, IHardeningRule Rule)> All => s_all;

    private static readonly (RuleId Id, IHardeningRule Rule)[] s_all =
    [
        (RuleId.RequireHostNamespaces, new HostNamespacesRule()),
        (RuleId.RequirePrivileged, new PrivilegedRule()),
        (RuleId.RequireMounts, new MountsRule()),
        (RuleId.RequireUser, new UserRule()),
        (RuleId.Seccomp, new SeccompRule()),
        (RuleId.AppArmor, new AppArmorRule()),
        (RuleId.Capabilities, new CapabilitiesRule()),
        (RuleId.NoNewPrivileges, new NoNewPrivilegesRule()),
        (RuleId.RootFilesystem, new RootFilesystemRule()),
        (RuleId.MaskedPaths, new PathsRule()),
        (RuleId.Rlimits, new RlimitsRule()),
        (RuleId.Annotations, new AnnotationsRule()),
        (RuleId.WorkingDirectory, new WorkingDirectoryRule()),
        (RuleId.Resources, new ResourcesRule()),
    ];
}
