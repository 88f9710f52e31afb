using Runtime.Hardening.Authoring.Interop;

namespace Runtime.Hardening.Authoring.Store;

/// <summary>Refuses a store that somebody other than root could change: whoever writes policies decides what containers may do.</summary>
internal static class StoreTrust
{
    /// <summary>Checks the store, its folder of generations and every folder above.</summary>
    /// <exception cref="StoreException">One of them is not a folder, not owned by root, or writable by others.</exception>
    public static void Check(string store)
    {
        string? path = Path.GetFullPath(store);
        CheckOne(Path.Combine(path, GenerationFolder.FolderName), mayBeSticky: false);
        CheckOne(path, mayBeSticky: false);
        for (path = Path.GetDirectoryName(path); path is not null; path = Path.GetDirectoryName(path))
        {
            CheckOne(path, mayBeSticky: true);
        }
    }

    private static void CheckOne(string path, bool mayBeSticky)
    {
        // The parents are followed (/var/run and the like are links); the store itself must not be one.
        if (FileStatus.TryRead(path, followLink: mayBeSticky) is not { } status)
        {
            return;   // not there yet: apply makes it
        }

        if (!status.IsDirectory)
        {
            throw new StoreException($"'{path}' is not a folder. Name another policyStore in hook.json, or move it away.");
        }

        if (status.Uid != 0)
        {
            throw new StoreException($"'{path}' belongs to uid {status.Uid}, expected root: its owner could change what containers may do. Run 'chown root: {path}' after you have looked at what is in it.");
        }

        if (status.IsWritableByOthers && !(mayBeSticky && status.IsSticky))
        {
            string mode = Convert.ToString((int)status.Permissions, 8);
            throw new StoreException($"'{path}' is writable by group or others (mode 0{mode}), expected 0755 or less. Run 'chmod go-w {path}' after you have looked at what is in it.");
        }
    }
}
