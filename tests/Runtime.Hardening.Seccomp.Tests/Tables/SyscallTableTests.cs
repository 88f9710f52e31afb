using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Seccomp.Tests.Native;

namespace Runtime.Hardening.Seccomp.Tests.Tables;

public sealed class SyscallTableTests
{
    // From asm/unistd of each architecture; mseal and statmount are newer than the libseccomp of Debian 12.
    [Theory]
    [InlineData("SCMP_ARCH_X86_64", "openat", 257)]
    [InlineData("SCMP_ARCH_X86", "socket", 359)]
    [InlineData("SCMP_ARCH_X86", "socketcall", 102)]
    [InlineData("SCMP_ARCH_X32", "ioctl", 0x40000202)]
    [InlineData("SCMP_ARCH_AARCH64", "openat", 56)]
    [InlineData("SCMP_ARCH_ARM", "cacheflush", 0xf0002)]
    [InlineData("SCMP_ARCH_RISCV64", "riscv_flush_icache", 259)]
    [InlineData("SCMP_ARCH_S390X", "clone", 120)]
    [InlineData("SCMP_ARCH_PPC64LE", "mseal", 462)]
    [InlineData("SCMP_ARCH_X86_64", "statmount", 457)]
    public void ANameHasItsNumberAndTheNumberItsName(string architecture, string name, int number)
    {
        SeccompArchitecture found = SyscallTable.Find(architecture)!;
        Assert.Equal(number, SyscallTable.Number(found, name));
        Assert.Equal(name, SyscallTable.Name(found, number));
    }

    [Fact]
    public void ACallThatAnArchitectureDoesNotHaveHasNoNumberThere()
    {
        Assert.Null(SyscallTable.Number(SyscallTable.Find("SCMP_ARCH_AARCH64")!, "open"));
        Assert.Null(SyscallTable.Number(SyscallTable.Find("SCMP_ARCH_X86")!, "accept"));
        Assert.Null(SyscallTable.Name(SyscallTable.Find("SCMP_ARCH_X86_64")!, 4000));
    }

    [Fact]
    public void TheTableAgreesWithTheSystemsOwnLibrary()
    {
        string[] wrong =
        [
            .. from architecture in SyscallTable.Architectures
               from name in SyscallTable.Names
               let known = LibSeccomp.Resolve(architecture.NumberBit == 0 ? architecture.AuditToken : 0x4000003E, name)
               where known >= 0 && known != SyscallTable.Number(architecture, name)
               select $"{name} is {known} on {architecture}, and the table says {SyscallTable.Number(architecture, name)}",
        ];
        Assert.Empty(wrong);
    }
}
