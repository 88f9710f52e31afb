namespace Runtime.Hardening.Profiles.Spec;

/// <summary>The places of an OCI spec that we read or write. Everything else is copied unread.</summary>
public enum SpecPath
{
    /// <summary>The whole document.</summary>
    Document,

    /// <summary>process</summary>
    Process,

    /// <summary>process.user</summary>
    User,

    /// <summary>process.user.uid</summary>
    UserUid,

    /// <summary>process.capabilities</summary>
    Capabilities,

    /// <summary>process.capabilities.bounding; the four other sets follow in the order of the runtime specification.</summary>
    CapabilitiesBounding,

    /// <summary>process.capabilities.effective</summary>
    CapabilitiesEffective,

    /// <summary>process.capabilities.permitted</summary>
    CapabilitiesPermitted,

    /// <summary>process.capabilities.inheritable</summary>
    CapabilitiesInheritable,

    /// <summary>process.capabilities.ambient</summary>
    CapabilitiesAmbient,

    /// <summary>process.noNewPrivileges</summary>
    NoNewPrivileges,

    /// <summary>process.apparmorProfile</summary>
    AppArmorProfile,

    /// <summary>process.rlimits</summary>
    Rlimits,

    /// <summary>process.cwd</summary>
    WorkingDirectory,

    /// <summary>root</summary>
    Root,

    /// <summary>root.readonly</summary>
    RootReadonly,

    /// <summary>hostname</summary>
    Hostname,

    /// <summary>mounts</summary>
    Mounts,

    /// <summary>annotations</summary>
    Annotations,

    /// <summary>linux</summary>
    Linux,

    /// <summary>linux.seccomp</summary>
    Seccomp,

    /// <summary>linux.maskedPaths</summary>
    MaskedPaths,

    /// <summary>linux.readonlyPaths</summary>
    ReadonlyPaths,

    /// <summary>linux.namespaces</summary>
    Namespaces,

    /// <summary>linux.resources</summary>
    Resources,

    /// <summary>linux.resources.devices</summary>
    ResourcesDevices,

    /// <summary>linux.resources.pids</summary>
    Pids,

    /// <summary>linux.resources.pids.limit</summary>
    PidsLimit,

    /// <summary>linux.resources.memory</summary>
    Memory,

    /// <summary>linux.resources.memory.limit</summary>
    MemoryLimit,

    /// <summary>linux.resources.memory.swap: memory and swap together</summary>
    MemorySwap,

    /// <summary>linux.resources.cpu</summary>
    Cpu,

    /// <summary>linux.resources.cpu.quota</summary>
    CpuQuota,

    /// <summary>linux.resources.cpu.period</summary>
    CpuPeriod,

    /// <summary>linux.resources.cpu.burst</summary>
    CpuBurst,

    /// <summary>linux.resources.unified: files of cgroup v2 by name</summary>
    Unified,

    /// <summary>linux.resources.unified["pids.max"]</summary>
    UnifiedPidsMax,

    /// <summary>linux.resources.unified["memory.max"]</summary>
    UnifiedMemoryMax,

    /// <summary>linux.resources.unified["cpu.max"]</summary>
    UnifiedCpuMax,

    /// <summary>linux.resources.unified["cpu.max.burst"]</summary>
    UnifiedCpuMaxBurst,

    /// <summary>linux.cgroupsPath</summary>
    CgroupsPath,
}

/// <summary>Where each place stands.</summary>
public static class SpecPaths
{
    private static readonly (SpecPath Parent, string Key)[] s_places =
    [
        (SpecPath.Document, ""),
        (SpecPath.Document, "process"),
        (SpecPath.Process, "user"),
        (SpecPath.User, "uid"),
        (SpecPath.Process, "capabilities"),
        (SpecPath.Capabilities, "bounding"),
        (SpecPath.Capabilities, "effective"),
        (SpecPath.Capabilities, "permitted"),
        (SpecPath.Capabilities, "inheritable"),
        (SpecPath.Capabilities, "ambient"),
        (SpecPath.Process, "noNewPrivileges"),
        (SpecPath.Process, "apparmorProfile"),
        (SpecPath.Process, "rlimits"),
        (SpecPath.Process, "cwd"),
        (SpecPath.Document, "root"),
        (SpecPath.Root, "readonly"),
        (SpecPath.Document, "hostname"),
        (SpecPath.Document, "mounts"),
        (SpecPath.Document, "annotations"),
        (SpecPath.Document, "linux"),
        (SpecPath.Linux, "seccomp"),
        (SpecPath.Linux, "maskedPaths"),
        (SpecPath.Linux, "readonlyPaths"),
        (SpecPath.Linux, "namespaces"),
        (SpecPath.Linux, "resources"),
        (SpecPath.Resources, "devices"),
        (SpecPath.Resources, "pids"),
        (SpecPath.Pids, "limit"),
        (SpecPath.Resources, "memory"),
        (SpecPath.Memory, "limit"),
        (SpecPath.Memory, "swap"),
        (SpecPath.Resources, "cpu"),
        (SpecPath.Cpu, "quota"),
        (SpecPath.Cpu, "period"),
        (SpecPath.Cpu, "burst"),
        (SpecPath.Resources, "unified"),
        (SpecPath.Unified, "pids.max"),
        (SpecPath.Unified, "memory.max"),
        (SpecPath.Unified, "cpu.max"),
        (SpecPath.Unified, "cpu.max.burst"),
        (SpecPath.Linux, "cgroupsPath"),
    ];

    /// <summary>How many places there are.</summary>
    public static int Count => s_places.Length;

    /// <summary>The object that the place is a member of.</summary>
    public static SpecPath Parent(this SpecPath path) => s_places[(int)path].Parent;

    /// <summary>The member's key; empty for the document.</summary>
    public static string Key(this SpecPath path) => s_places[(int)path].Key;

    /// <summary>The path as the OCI specification writes it: <c>process.capabilities.bounding</c>.</summary>
    public static string Text(this SpecPath path)
        => path == SpecPath.Document ? "the document"
            : path.Parent() == SpecPath.Document ? path.Key()
            : $"{path.Parent().Text()}.{path.Key()}";

    /// <summary>Whether the place holds an object whose members we look at.</summary>
    public static bool IsObject(this SpecPath path)
        => path is SpecPath.Document or SpecPath.Process or SpecPath.User or SpecPath.Capabilities or SpecPath.Root or SpecPath.Linux or SpecPath.Resources
            or SpecPath.Pids or SpecPath.Memory or SpecPath.Cpu or SpecPath.Unified;

    /// <summary>Whether an edit below the place may make the object where there is none: empty, it means nothing to a runtime.</summary>
    internal static bool MayBeMade(this SpecPath path) => path is SpecPath.Resources or SpecPath.Pids or SpecPath.Memory or SpecPath.Cpu;
}
