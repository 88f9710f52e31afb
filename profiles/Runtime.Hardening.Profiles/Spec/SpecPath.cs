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
        => path is SpecPath.Document or SpecPath.Process or SpecPath.User or SpecPath.Capabilities or SpecPath.Root or SpecPath.Linux or SpecPath.Resources;
}
