namespace Runtime.Hardening.Profiles.Rules;

/// <summary>All rules. The order is the order of findings and nothing else.</summary>
internal static class RuleList
{
    public static ReadOnlySpan<IHardeningRule> All => s_all;

    private static readonly IHardeningRule[] s_all =
    [
        new HostNamespacesRule(),
        new PrivilegedRule(),
        new MountsRule(),
        new UserRule(),
        new SeccompRule(),
        new AppArmorRule(),
        new CapabilitiesRule(),
        new NoNewPrivilegesRule(),
        new RootFilesystemRule(),
        new PathsRule(),
        new RlimitsRule(),
    ];
}
