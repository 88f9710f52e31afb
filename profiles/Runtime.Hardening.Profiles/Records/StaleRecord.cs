namespace Runtime.Hardening.Profiles.Records;

/// <summary>Removes the record of a container that is gone; the hook and the daemon both do it.</summary>
public static class StaleRecord
{
    // A record is written before the runtime makes its state, so a young one without state is a container that is just starting.
    private static readonly TimeSpan s_settled = TimeSpan.FromMinutes(5);

    private const string Aside = ".sweep";

    /// <summary>
    /// Removes it if its container is gone. An engine may start a container again under the old id in this very moment, so the file is taken aside before it
    /// goes: if it is a new record by then, it is put back, long before the runtime has made what an exec could join.
    /// </summary>
    /// <param name="path">The record's file.</param>
    /// <param name="now">The time.</param>
    /// <param name="read">Reads a record's file. It may answer from memory: what it says of the file taken aside is what counts, and that has a name of its own.</param>
    /// <param name="files">Put before every path of runtimes and bundles: empty, or the root folder of another process as /proc shows it.</param>
    /// <exception cref="IOException">The folder cannot be changed.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, or the file may not be read.</exception>
    public static void RemoveIfGone(string path, DateTimeOffset now, Func<string, ContainerRecord> read, string files = "")
    {
        if (!IsStale(path, now, read, files))
        {
            return;
        }

        string aside = path + Aside;
        File.Move(path, aside, overwrite: true);
        if (!IsStale(aside, now, read, files))
        {
            PutBack(aside, path);
            return;
        }

        File.Delete(aside);
        File.Delete(path + ".execs");
    }

    /// <summary>Puts back what somebody took aside who died before saying whether it goes.</summary>
    /// <exception cref="IOException">The folder cannot be read or changed.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static void PutBackAll(string directory)
    {
        foreach (string aside in Directory.GetFiles(directory, "*.json" + Aside))
        {
            PutBack(aside, aside[..^Aside.Length]);
        }
    }

    private static bool IsStale(string path, DateTimeOffset now, Func<string, ContainerRecord> read, string files)
    {
        try
        {
            ContainerRecord record = read(path);
            return now - record.Created > s_settled && RuntimeState.IsGone(record, files);
        }
        catch (Exception e) when (e is HardeningFormatException or FileNotFoundException)
        {
            return false;   // not ours to understand, so not ours to remove; or removed by another in this moment
        }
    }

    // Not over a record that is newer still.
    private static void PutBack(string aside, string path)
    {
        if (File.Exists(path))
        {
            File.Delete(aside);
        }
        else
        {
            File.Move(aside, path);
        }
    }
}
