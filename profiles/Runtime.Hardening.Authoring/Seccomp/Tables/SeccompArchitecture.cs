namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>A machine's way of making system calls, as a filter sees it.</summary>
public sealed class SeccompArchitecture
{
    internal SeccompArchitecture(int index, string name, uint auditToken, int bits)
        => (Index, Name, AuditToken, Bits) = (index, name, auditToken, bits);

    /// <summary>The name in a profile: SCMP_ARCH_X86_64.</summary>
    public string Name { get; }

    /// <summary>AUDIT_ARCH_* of the kernel, which a filter reads. x86-64 and x32 share one.</summary>
    public uint AuditToken { get; }

    /// <summary>How much of an argument libseccomp compares, 32 or 64 bits. x32 has 32, although its registers have 64.</summary>
    public int Bits { get; }

    /// <summary>Bit 30 on x32, which tells its calls from those of x86-64; 0 elsewhere.</summary>
    public uint NumberBit { get; internal init; }

    /// <summary>Whether data that a filter reads has its high byte first.</summary>
    public bool IsBigEndian { get; internal init; }

    /// <summary>
    /// Whether libseccomp writes rules for socket calls and System V IPC calls a second time for socketcall and ipc, with the number of the sub-call in the
    /// place of argument 0, so that a condition on argument 0 is lost there.
    /// </summary>
    public bool HasMultiplexer { get; internal init; }

    /// <summary>Whether arguments are compared in 64 bits.</summary>
    public bool Is64Bit => Bits == 64;

    internal int Index { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
