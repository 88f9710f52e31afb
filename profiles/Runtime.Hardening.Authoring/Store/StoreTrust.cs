using Runtime.Hardening.Authoring.Interop;

namespace Runtime.Hardening.Authoring.Store;

/// <summary>Refuses a store that somebody other than root could change: whoever writes policies decides what containers may do.</summary>
internal static class StoreTrust
{
    /// <summary>Checks the store, its folder of generations and every folder above.</summary>
    /// <exception cref="StoreException">One of them is not a folder, not owned by root, or writable by others.</exception>
    public static void Check(string store)
    {
        string? path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(store));
        CheckOwn(Path.Combine(path, GenerationFolder.FolderName));
        CheckOwn(path);
        for (path = Path.GetDirectoryName(path); path is not null; path = Path.GetDirectoryName(path))
        {
            Throw(FileTrust.ProblemOfOne(path, mayBeSticky: true));
        }
    }

    private static void CheckOwn(string path)
    {
        // The parents may be links (/var/run is one); the store itself must not lead somewhere else.
        if (FileStatus.TryRead(path, followLink: false) is { IsDirectory: false })
        {
            throw new StoreException($"'{path}' is not a folder. Name another policyStore in hook.json, or move it away.");
        }

        Throw(FileTrust.ProblemOfOne(path, mayBeSticky: false));
    }

    private static void Throw(string? problem)
    {
        if (problem is not null)
        {
            throw new StoreException(problem);
        }
    }
}
