namespace Runtime.Hardening.Hook;

/// <summary>A container that is about to start: what the runtime's command line or an engine's filter stage says of it.</summary>
internal sealed record StartingContainer
{
    /// <summary>The runtime's <c>--root</c>, by which the engine is known; empty when not given.</summary>
    public required string GivenRoot { get; init; }

    /// <summary>The runtime's folder of containers as records know it; empty for its usual one.</summary>
    public required string Root { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The bundle's path as the engine gave it.</summary>
    public required string Bundle { get; init; }

    /// <summary>The bundle's device and inode; zeros where the engine does not show it.</summary>
    public (ulong Device, ulong Inode) Folder { get; init; }

    /// <summary>Path of the real runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>config.json as the engine wrote it.</summary>
    public required byte[] Spec { get; init; }

    /// <summary>Takes the hardened config.json; not called where it stays as it is.</summary>
    public required Action<byte[]> Replace { get; init; }

    /// <summary>Whether our bytes are the ones that the runtime will read. An engine that decodes them and writes its own makes offsets meaningless.</summary>
    public bool KeepsBytes { get; init; } = true;
}
