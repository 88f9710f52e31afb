using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.AppArmor;

/// <summary>A profile as a person describes it: what the programs of a container may do. What is not allowed is denied.</summary>
internal sealed record AppArmorDescription(string Name, SourceLocation Location)
{
    /// <summary>Paths by what may be done there; a path stands in any number of them.</summary>
    public string[] Read { get; init; } = [];

    public string[] Write { get; init; } = [];

    /// <summary>Libraries that may be loaded.</summary>
    public string[] Map { get; init; } = [];

    /// <summary>Programs that may be started, in this same profile.</summary>
    public string[] Execute { get; init; } = [];

    public FileDenial[] DeniedFiles { get; init; } = [];

    /// <summary>Families with or without a type, as AppArmor writes them; null for any.</summary>
    public string[]? Networks { get; init; } = [];

    public string[] DeniedNetworks { get; init; } = [];

    /// <summary>With CAP_ in front.</summary>
    public string[] Capabilities { get; init; } = [];

    /// <summary>Profiles outside that may be signalled, and that may signal us, beside the engine.</summary>
    public string[] SignalTo { get; init; } = [];

    public string[] SignalFrom { get; init; } = [];

    public PtraceAccess Ptrace { get; init; }

    public MountRule[] Mounts { get; init; } = [];
}

/// <summary>What is denied although something else may allow it.</summary>
/// <param name="Paths">Globs.</param>
/// <param name="Access">Words of <see cref="AppArmorWords.Accesses"/>.</param>
/// <param name="IsLogged">Whether an attempt leaves a record in the kernel's log.</param>
internal sealed record FileDenial(string[] Paths, string[] Access, bool IsLogged);

/// <summary>A file system that may be mounted.</summary>
internal sealed record MountRule(string Type, string At);

/// <summary>What processes of the container may do to each other by ptrace(2) and the files of /proc that it guards.</summary>
internal enum PtraceAccess
{
    None,

    /// <summary>What ps shows of a neighbour.</summary>
    Read,

    /// <summary>A debugger.</summary>
    Trace,
}
