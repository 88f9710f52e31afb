using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.Collector.Verification;

/// <summary>Finds the record that the hook wrote of a container.</summary>
internal sealed class RecordFinder(string stateDirectory)
{
    /// <summary>The record, or null when there is none.</summary>
    /// <param name="runtimeRoot">The runtime's `--root`, as far as it is known.</param>
    /// <param name="id">The container's id.</param>
    /// <exception cref="HardeningFormatException">There is one, but it cannot be used.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal ContainerRecord? Find(string runtimeRoot, string id)
    {
        string expected = Path.Combine(stateDirectory, RecordKey.FileName(runtimeRoot, id));
        if (TryRead(expected) is { } record)
        {
            return record;
        }

        // The engine may call the runtime with a root that containerd does not tell us. An id that several
        // roots use would be a guess, so then there is no answer.
        string readable = RecordKey.FileName("", id)[..^"-0123456789abcdef.json".Length];
        ContainerRecord[] found = Directory.Exists(stateDirectory)
            ? [.. Directory.EnumerateFiles(stateDirectory, "*.json")
                .Where(path => Path.GetFileName(path).StartsWith(readable + "-", StringComparison.Ordinal))
                .Select(TryRead).OfType<ContainerRecord>().Where(candidate => candidate.Id == id)]
            : [];

        // The last folder of a root is containerd's namespace: a record of another namespace is another container's.
        string name = Path.GetFileName(runtimeRoot);
        found = [.. found.Where(candidate => Path.GetFileName(candidate.Root) == name)];
        return found.Length == 1 ? found[0] : null;
    }

    private static ContainerRecord? TryRead(string path)
    {
        try
        {
            return ContainerRecord.Read(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
