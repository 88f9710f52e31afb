namespace Runtime.Hardening.Authoring.Documents;

/// <summary>A policy with what it inherits.</summary>
/// <param name="Document">As it was written.</param>
/// <param name="Leaves">Own and inherited values by path; each knows where it was written.</param>
public sealed record ResolvedPolicy(PolicyDocument Document, IReadOnlyDictionary<string, PolicyLeaf> Leaves)
{
    internal T? Value<T>(string path)
        where T : class
        => Leaves.TryGetValue(path, out PolicyLeaf? leaf) ? (T)leaf.Value : null;

    internal bool IsTrue(string path) => Leaves.TryGetValue(path, out PolicyLeaf? leaf) && leaf.Value is true;

    internal Findings.SourceLocation PlaceOf(string path) => Leaves.TryGetValue(path, out PolicyLeaf? leaf) ? leaf.Location : Document.Location;
}
