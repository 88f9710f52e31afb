using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.Collector.Verification;

/// <summary>
/// Removes the records of containers that are gone. The hook does a bit of it at some creates; on a node that creates nothing any more they would stay.
/// </summary>
internal sealed class RecordSweeper(string stateDirectory, TimeProvider clock)
{
    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(1);

    // A record is written before the runtime makes its state, so a young one without state is a container that is just starting.
    private static readonly TimeSpan s_settled = TimeSpan.FromMinutes(5);

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
        try
        {
            foreach (string path in Directory.Exists(stateDirectory) ? Directory.GetFiles(stateDirectory, "*.json") : [])
            {
                if (IsStale(path))
                {
                    File.Delete(path);
                    File.Delete(path + ".execs");
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    private bool IsStale(string path)
    {
        try
        {
            var record = ContainerRecord.Read(File.ReadAllBytes(path));
            // Where the root itself is not there we may only be unable to see it: /tmp and home folders can be private to this service.
            return record.Root.Length > 0 && record.Id.Length > 0 && clock.GetUtcNow() - record.Created > s_settled
                && Directory.Exists(record.Root) && !Directory.Exists($"{record.Root.TrimEnd('/')}/{record.Id}");
        }
        catch (Exception e) when (e is HardeningFormatException or FileNotFoundException)
        {
            return false; // not ours to understand, so not ours to remove; or removed by the hook in this moment
        }
    }
}
