using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>A policy as a person wrote it: faithful, with positions, possibly incomplete, before any inheritance.</summary>
/// <param name="Name">metadata.name.</param>
/// <param name="Description">metadata.description, or null.</param>
/// <param name="Location">Where the name stands.</param>
/// <param name="Extends">The bases, in the order they are written.</param>
/// <param name="Leaves">The values below spec, by path.</param>
public sealed record PolicyDocument(
    string Name,
    string? Description,
    SourceLocation Location,
    IReadOnlyList<BaseReference> Extends,
    IReadOnlyDictionary<string, PolicyLeaf> Leaves);

/// <summary>A word in spec.extends.</summary>
/// <param name="Name">The base's name.</param>
/// <param name="Location">Where it stands.</param>
public readonly record struct BaseReference(string Name, SourceLocation Location);
