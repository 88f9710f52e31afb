namespace Runtime.Hardening.Authoring.Seccomp.Docker;

/// <summary>An architecture as Docker's profile format names it.</summary>
/// <param name="Name">What stands in <c>includes.arches</c>: amd64, arm64, s390x.</param>
/// <param name="Scmp">What <c>archMap</c> looks for; null where the format has no entry for it.</param>
public sealed record DockerArchitecture(string Name, string? Scmp)
{
    // Docker's own two steps, from Go's name to the format's and from there to libseccomp's. Both are its contract: loong64 is lost between them.
    private static readonly (string Go, string Name, string? Scmp)[] s_all =
    [
        ("386", "x86", "SCMP_ARCH_X86"),
        ("amd64", "amd64", "SCMP_ARCH_X86_64"),
        ("arm", "arm", "SCMP_ARCH_ARM"),
        ("arm64", "arm64", "SCMP_ARCH_AARCH64"),
        ("loong64", "loongarch64", null),
        ("mips64", "mips64", "SCMP_ARCH_MIPS64"),
        ("mips64p32", "mips64n32", "SCMP_ARCH_MIPS64N32"),
        ("mips64le", "mipsel64", "SCMP_ARCH_MIPSEL64"),
        ("mips64p32le", "mips3l64n32", "SCMP_ARCH_MIPSEL64N32"),
        ("mipsle", "mipsel", "SCMP_ARCH_MIPSEL"),
        ("ppc", "ppc", "SCMP_ARCH_PPC"),
        ("ppc64", "ppc64", "SCMP_ARCH_PPC64"),
        ("ppc64le", "ppc64le", "SCMP_ARCH_PPC64LE"),
        ("riscv64", "riscv64", "SCMP_ARCH_RISCV64"),
        ("s390", "s390", "SCMP_ARCH_S390"),
        ("s390x", "s390x", "SCMP_ARCH_S390X"),
    ];

    /// <summary>The names that <see cref="Find"/> takes, for people.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. s_all.Select(static a => a.Go)];

    /// <summary>What may stand in <c>includes.arches</c>; x32 and the others of the second line are no host's, and stand in profiles beside one that is.</summary>
    internal static string[] InFilters { get; } =
    [
        .. s_all.Select(static a => a.Name),
        "x32", "loong64", "mipsel64n32", "m68k", "parisc", "parisc64", "sh", "sheb",
    ];

    /// <summary>This machine's.</summary>
    public static DockerArchitecture Native { get; } = Find(SyscallTable.Native.Name)!;

    /// <summary>By Go's name, by the format's own, or by libseccomp's; null when nobody knows it.</summary>
    public static DockerArchitecture? Find(string name)
    {
        foreach ((string go, string own, string? scmp) in s_all)
        {
            if (name == go || name == own || name == scmp)
            {
                return new DockerArchitecture(own, scmp);
            }
        }

        return null;
    }
}
