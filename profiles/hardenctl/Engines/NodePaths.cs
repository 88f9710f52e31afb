namespace Runtime.Hardening.Cli.Engines;

/// <summary>Where things are on a node, under a root: / on a node, another folder when an image or a package is built.</summary>
internal sealed class NodePaths(string root)
{
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The place of an absolute node path under the root.</summary>
    public string Under(string path) => Root == "/" ? Path.GetFullPath(path) : Path.Combine(Root, path.TrimStart('/'));

    /// <summary>The node path of a place under the root: what belongs into files that the node reads.</summary>
    public string OnNode(string place) => Root != "/" && place.StartsWith(Root + "/", StringComparison.Ordinal) ? place[Root.Length..] : place;

    public string Backup(string engine) => Under($"/var/lib/hardening/engine/{engine}");
}
