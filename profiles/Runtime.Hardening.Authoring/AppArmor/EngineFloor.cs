using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Authoring.AppArmor;

/// <summary>
/// What the default profiles of containerd, Docker and Podman deny, and a little more: it stands in every profile of ours whatever its description allows, so
/// that ours can take the place of an engine's and never be the weaker one. A test compares it with the engines' own templates, for every path.
/// </summary>
internal static class EngineFloor
{
    /// <summary>Rules about files.</summary>
    public static readonly FileDenial[] Files =
    [
        // Below /proc only what begins with a digit is a process; all else is the kernel's.
        new(["/proc/*", "/proc/[^1-9]**"], ["write", "execute", "map"], IsLogged: true),
        new(["/proc/kcore", "/proc/kmem", "/proc/mem", "/proc/sysrq-trigger"], ["read"], IsLogged: true),
        new(["/sys/**"], ["write", "execute", "map"], IsLogged: true),
        new(["/sys/devices/virtual/powercap/**", "/sys/firmware/**", "/sys/kernel/security/**"], ["read"], IsLogged: false),
    ];

    /// <summary>
    /// What a description allows although the engines' profiles deny it, as part of a sentence, or null. They deny mounts, and signals to and from anybody but
    /// the engine and containers under the same profile: in whose place ours are, so ours may reach each other.
    /// </summary>
    public static string? WeakerIn(AppArmorDescription profile)
    {
        string[] to = [.. profile.SignalTo.Where(IsForeign)], from = [.. profile.SignalFrom.Where(IsForeign)];
        string[] found =
        [
            .. profile.Mounts.Length > 0 ? [$"mounting {string.Join(", ", profile.Mounts.Select(mount => mount.Type).Distinct())}"] : Array.Empty<string>(),
            .. to.Length > 0 ? [$"signals to {string.Join(", ", to)}"] : Array.Empty<string>(),
            .. from.Length > 0 ? [$"signals from {string.Join(", ", from)}"] : Array.Empty<string>(),
        ];
        return found.Length > 0 ? string.Join(" and ", found) : null;
    }

    private static bool IsForeign(string peer) => !peer.StartsWith(AppArmorName.Prefix, StringComparison.Ordinal);
}
