using System.Reflection;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook;

/// <summary>
/// The policy for a node that has none it could use: in the spirit of node-default, and it never refuses, so that the node can boot and be repaired.
/// Its profile is the shipped runtime-default, compiled in.
/// </summary>
internal sealed class EmergencyPolicy : IProfileSource
{
    /// <summary>What stands for a generation's name in journals and records.</summary>
    public const string Generation = "builtin";

    private const string Source = "runtime-default.json", Settled = "runtime-default.json without capabilities";

    /// <summary>The capabilities that the shipped profile's rules name; a test compares.</summary>
    internal static CapabilitySet SeccompDependsOn { get; } = CapabilitySet.Of(
        "CAP_BPF", "CAP_DAC_READ_SEARCH", "CAP_PERFMON", "CAP_SYSLOG", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_MODULE", "CAP_SYS_PACCT", "CAP_SYS_PTRACE",
        "CAP_SYS_RAWIO", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG");

    /// <summary>The one policy.</summary>
    public static Policy Policy { get; } = new()
    {
        Name = "builtin",
        OnError = OnError.PassThrough,
        Match = [new MatchClause { Privileged = false }],
        Seccomp = new SeccompDemand("runtime-default", Settled, 0, new SeccompByCapability(SeccompDependsOn, Source, 0)),
        MaskPaths =
        [
            "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
            "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
        ],
        ReadOnlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    };

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Read(SeccompDemand demand)
    {
        byte[] source = ReadSource();
        return demand.File == Source ? source : SeccompWriter.Write(SeccompProfile.ParseFor(source, demand.File, CapabilitySet.None));
    }

    private static byte[] ReadSource()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Source)
            ?? throw new HardeningFormatException("this build of hardening-hook lacks its built-in seccomp profile; install a complete one");
        byte[] json = new byte[stream.Length];
        stream.ReadExactly(json);
        return json;
    }
}
