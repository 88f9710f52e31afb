using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Authoring.AppArmor.Kernel;

/// <summary>Where the kernel says what it has of AppArmor, and what loads profiles into it.</summary>
/// <param name="Switch">A file that starts with Y where AppArmor is on.</param>
/// <param name="Folder">AppArmor's part of securityfs.</param>
/// <param name="Processes">procfs.</param>
/// <param name="Parser">The path of apparmor_parser, or null where it is not installed.</param>
public sealed record AppArmorHost(string Switch, string Folder, string Processes, string? Parser)
{
    private static readonly string[] s_programFolders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"];

    /// <summary>The sentence for a host without AppArmor.</summary>
    public const string SwitchedOff = "This host's kernel has AppArmor switched off, so no profile can be loaded and none confines anything.";

    /// <summary>The sentence for a host without the parser.</summary>
    public const string NoParser = "apparmor_parser is not on this host; Debian and Ubuntu have it in the package 'apparmor'.";

    /// <summary>This machine.</summary>
    public static AppArmorHost Here { get; } = new("/sys/module/apparmor/parameters/enabled", "/sys/kernel/security/apparmor", "/proc",
        s_programFolders.Select(folder => Path.Combine(folder, "apparmor_parser")).FirstOrDefault(File.Exists));

    /// <summary>Whether the kernel confines by AppArmor.</summary>
    public bool IsOn => Facts.HasAppArmor;

    private HostFacts Facts => new(Switch, Path.Combine(Folder, "profiles"));

    /// <summary>Whether a profile of that name is loaded and denies what it does not allow: what the hook asks before it names one.</summary>
    public bool Enforces(string profile) => Facts.ModeOf(profile) is { } mode && HostFacts.IsEnforcing(mode);
}
