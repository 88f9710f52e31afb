namespace Runtime.Hardening.Profiles.Records;

/// <summary>What the hardened spec has beyond its <see cref="Ceiling"/>: no exec can change it, but whoever edits config.json after us can.</summary>
public sealed record Confinement
{
    /// <summary>The <see cref="Seccomp.SeccompDigest"/> of linux.seccomp; empty when there is none.</summary>
    public string Seccomp { get; init; } = "";

    /// <summary>linux.maskedPaths</summary>
    public string[] MaskedPaths { get; init; } = [];

    /// <summary>linux.readonlyPaths</summary>
    public string[] ReadonlyPaths { get; init; } = [];

    /// <summary>root.readonly</summary>
    public bool RootReadonly { get; init; }
}
