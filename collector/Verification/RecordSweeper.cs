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
        foreach (string path in Records())
        {
            try
            {
                StaleRecord.RemoveIfGone(path, clock.GetUtcNow(), File.ReadAllBytes, files);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;   // one that cannot be read must not keep the others
            }
        }
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
