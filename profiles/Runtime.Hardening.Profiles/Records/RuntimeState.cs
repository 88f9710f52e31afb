namespace Runtime.Hardening.Profiles.Records;

/// <summary>
/// The folder in which a runtime keeps what it knows of its containers: a container exists as long as its folder below the state root does. Without
/// <c>--root</c> runc and crun use one of their own (Podman leaves the flag out), so the same container can be named with and without a root.
/// </summary>
public static class RuntimeState
{
    private const string RuncsRoot = "/run/runc", CrunsRoot = "/run/crun";

    /// <summary>The root that a runtime uses when it is told none; a renamed binary (<c>runc.real</c>) keeps its own.</summary>
    /// <param name="runtime">Path of the real runtime.</param>
    public static string DefaultRoot(string runtime) => Path.GetFileName(runtime) is var name && name.Contains("crun", StringComparison.Ordinal) ? CrunsRoot
        : name.Contains("runc", StringComparison.Ordinal) ? RuncsRoot
        : $"/run/{name}";

    /// <summary>How else the same root may be written, or null: none, where the runtime's own is named, and the other way round.</summary>
    /// <param name="root"><c>--root</c> as given; empty: none.</param>
    /// <param name="runtime">Path of the real runtime.</param>
    public static string? OtherSpelling(string root, string runtime)
    {
        string usual = DefaultRoot(runtime);
        return root.Length == 0 ? usual : root.TrimEnd('/') == usual ? "" : null;
    }

    /// <summary>Where the runtime keeps what it knows of a container.</summary>
    /// <param name="root"><c>--root</c> as given; empty: the runtime's own.</param>
    /// <param name="id">The container's id.</param>
    /// <param name="runtime">Path of the real runtime.</param>
    public static string FolderOf(string root, string id, string runtime) => $"{(root.Length == 0 ? DefaultRoot(runtime) : root.TrimEnd('/'))}/{id}";

    /// <summary>Whether it is certain that a runtime has no container of this id: one that we do not know may keep them elsewhere, unless it was told where.</summary>
    /// <param name="root"><c>--root</c> as given; empty: the runtime's own.</param>
    /// <param name="id">The container's id.</param>
    /// <param name="runtime">Path of the real runtime.</param>
    public static bool IsUnknown(string root, string id, string runtime)
        => (root.Length > 0 || DefaultRoot(runtime) is RuncsRoot or CrunsRoot)
            && (id is "" or "." or ".." || id.Contains('/', StringComparison.Ordinal) || !Directory.Exists(FolderOf(root, id, runtime)));

    /// <summary>Whether the runtime knows a container of this id.</summary>
    /// <param name="root"><c>--root</c> as given; empty: the runtime's own.</param>
    /// <param name="id">The container's id.</param>
    /// <param name="runtime">Path of the real runtime.</param>
    public static bool Knows(string root, string id, string runtime) => id.Length > 0 && Directory.Exists(FolderOf(root, id, runtime));

    /// <summary>
    /// Whether nothing of a record's container is left. Without a root either runtime's own may be meant, or another still (it depends on the
    /// environment of whoever calls): then the bundle, which the engine removes with the container, must be gone as well.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="files">Put before every path: empty, or the root folder of another process as /proc shows it.</param>
    internal static bool IsGone(ContainerRecord record, string files)
    {
        if (record.Id.Length == 0)
        {
            return false;
        }

        if (record.Root.Length > 0)
        {
            // Where the root itself is not there we may only be unable to see it.
            return Directory.Exists(files + record.Root) && !Directory.Exists($"{files}{record.Root.TrimEnd('/')}/{record.Id}");
        }

        return !Directory.Exists($"{files}{RuncsRoot}/{record.Id}") && !Directory.Exists($"{files}{CrunsRoot}/{record.Id}")
            && !(record.Bundle.StartsWith('/') && Directory.Exists(files + record.Bundle));
    }
}
