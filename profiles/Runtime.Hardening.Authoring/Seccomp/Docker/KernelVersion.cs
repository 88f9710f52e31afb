using System.Globalization;

namespace Runtime.Hardening.Authoring.Seccomp.Docker;

/// <summary>A kernel's version as far as profiles compare it.</summary>
/// <param name="Kernel">The 6 of 6.1.</param>
/// <param name="Major">The 1 of 6.1.</param>
public readonly record struct KernelVersion(uint Kernel, uint Major)
{
    /// <summary>This machine's.</summary>
    public static KernelVersion Native { get; } = Parse(File.ReadAllText("/proc/sys/kernel/osrelease").Trim()) ?? default;

    /// <summary>From the beginning of a release: 6.1.0-18-amd64 is 6.1. Null when it does not begin with two numbers.</summary>
    public static KernelVersion? Parse(string release)
    {
        ArgumentNullException.ThrowIfNull(release);
        int dot = release.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0)
        {
            return null;
        }

        ReadOnlySpan<char> rest = release.AsSpan(dot + 1);
        int end = rest.IndexOfAnyExceptInRange('0', '9');
        return uint.TryParse(release.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out uint kernel)
            && uint.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out uint major)
            ? new KernelVersion(kernel, major)
            : null;
    }

    /// <summary>Whether a rule that is for this version and later ones is for that one.</summary>
    public bool IsAtMost(KernelVersion other) => Kernel < other.Kernel || (Kernel == other.Kernel && Major <= other.Major);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kernel}.{Major}");
}
