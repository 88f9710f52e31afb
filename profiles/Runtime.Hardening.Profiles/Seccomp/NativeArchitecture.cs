using System.Runtime.InteropServices;

namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>The machine's own architecture, in the two spellings that profiles use.</summary>
public static class NativeArchitecture
{
    /// <summary>As in <c>architectures</c> of the OCI specification.</summary>
    public static string Scmp => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.Arm64 => "SCMP_ARCH_AARCH64",
        Architecture.Arm => "SCMP_ARCH_ARM",
        Architecture.RiscV64 => "SCMP_ARCH_RISCV64",
        Architecture.S390x => "SCMP_ARCH_S390X",
        Architecture.Ppc64le => "SCMP_ARCH_PPC64LE",
        _ => "SCMP_ARCH_X86_64",
    };

    /// <summary>As in <c>includes.arches</c> of Docker's profile format.</summary>
    public static string Docker => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.Arm64 => "arm64",
        Architecture.Arm => "arm",
        Architecture.RiscV64 => "riscv64",
        Architecture.S390x => "s390x",
        Architecture.Ppc64le => "ppc64le",
        _ => "amd64",
    };
}
