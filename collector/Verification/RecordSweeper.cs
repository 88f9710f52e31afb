using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.Collector.Verification;

/// <summary>
/// Removes the records of containers that are gone. The hook does a bit of it at some creates; on a node that creates nothing any more they would stay.
/// </summary>
internal sealed class RecordSweeper(string stateDirectory, TimeProvider clock)
{
    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(1);

    // This service has /tmp and home folders of its own; what a runtime keeps there is seen through the first process.
    private const string Host = "/proc/1/root";

    // A record never changes; one that is written anew has another date. Reading every one each minute would be most of what this process throws away.
    private readonly Dictionary<string, (DateTime Written, ContainerRecord Record)> _read = [];

    /// <summary>Sweeps until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Sweep();
            await Task.Delay(s_period, clock, cancellation);
        }
    }

    /// <summary>Looks at every record once. Whatever cannot be read or removed now is looked at again next time.</summary>
    internal void Sweep()
    {
        string files = Directory.Exists(Host + "/proc") ? Host : "";
        string[] records = Records();
        foreach (string path in records)
        {
            try
            {
                StaleRecord.RemoveIfGone(path, clock.GetUtcNow(), Read, files);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;   // one that cannot be read must not keep the others
            }
        }

        foreach (string path in _read.Keys)
        {
            if (!File.Exists(path))
            {
                _read.Remove(path);
            }
        }
    }

    private ContainerRecord Read(string path)
    {
        DateTime written = File.GetLastWriteTimeUtc(path);
        if (_read.TryGetValue(path, out (DateTime Written, ContainerRecord Record) known) && known.Written == written)
        {
            return known.Record;
        }

        var record = ContainerRecord.Read(File.ReadAllBytes(path));
        // Without its list of edits, which is most of it.
        record = new ContainerRecord { Id = record.Id, Root = record.Root, Bundle = record.Bundle, Decision = record.Decision, Created = record.Created };
        _read[path] = (written, record);
        return record;
    }

    private string[] Records()
    {
        try
        {
            if (!Directory.Exists(stateDirectory))
            {
                return [];
            }

            StaleRecord.PutBackAll(stateDirectory);
            return Directory.GetFiles(stateDirectory, "*.json");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
