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
}
