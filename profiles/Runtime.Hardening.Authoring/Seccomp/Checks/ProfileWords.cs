namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>The words of the OCI runtime specification for seccomp, and those that Docker's format adds.</summary>
internal static class ProfileWords
{
    /// <summary>A list of texts for people at the top of a profile: runtimes ignore members that they do not know.</summary>
    public const string Remarks = Runtime.Hardening.Profiles.Seccomp.SeccompProfile.Header;

    public static readonly string[] RootFields =
        ["defaultAction", "defaultErrnoRet", "architectures", "flags", "listenerPath", "listenerMetadata", "syscalls", Remarks];

    public static readonly string[] RuleFields = ["names", "action", "errnoRet", "args"];
    public static readonly string[] ArgumentFields = ["index", "value", "valueTwo", "op"];

    public static readonly string[] DockerRootFields = ["archMap"];
    public static readonly string[] DockerRuleFields = ["name", "comment", "includes", "excludes"];
    public static readonly string[] FilterFields = ["caps", "arches", "minKernel"];
    public static readonly string[] ArchMapFields = ["architecture", "subArchitectures"];

    public static readonly string[] Actions =
    [
        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY",
        "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
    ];

    public static readonly string[] ErrnoActions = ["SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"];

    public static readonly string[] Operators =
        ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"];

    public static readonly string[] Flags =
        ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"];

    public static readonly string[] Architectures =
    [
        "SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K",
        "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32",
        "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_RISCV64", "SCMP_ARCH_S390",
        "SCMP_ARCH_S390X", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
    ];
}
