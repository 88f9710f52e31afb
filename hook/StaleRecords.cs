using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Records;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// Removes records of containers that are gone. The daemon may be down for weeks, so create does a bounded bit of it: now and then, a few records, and only
/// where the runtime's own state says that the container no longer exists.
/// </summary>
internal static class StaleRecords
{
    private const int OneIn = 16;          // creates that look at all
    private const int MostLookedAt = 32;   // records that such a create looks at

    // A record is written before the runtime makes its state, so a young one without state is a container that is just starting.
    private static readonly TimeSpan s_settled = TimeSpan.FromMinutes(5);

    /// <summary>Does the bit of work when it is this create's turn. Never fails a create.</summary>
    public static void SweepSometimes(string directory, DateTimeOffset now)
    {
        if (Environment.ProcessId % OneIn == 0)
        {
            Sweep(directory, now);
        }
    }

    /// <summary>Looks at some records, beginning at a place that differs from call to call.</summary>
    internal static void Sweep(string directory, DateTimeOffset now)
    {
        try
        {
            string[] files = Directory.GetFiles(directory, "*.json");
            for (int i = 0; i < Math.Min(files.Length, MostLookedAt); i++)
            {
                string file = files[(int)((now.Ticks + i) % files.Length)];
                if (IsStale(file, now))
                {
                    File.Delete(file);
                    File.Delete(file + ".execs");
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;   // swept by somebody else in this moment, or by the next one
        }
    }

    private static bool IsStale(string file, DateTimeOffset now)
    {
        try
        {
            using Descriptor opened = Descriptor.Open(Descriptor.CurrentDirectory, file, O_RDONLY | O_NOFOLLOW);
            ContainerRecord record = ContainerRecord.Read(opened.ReadToEnd(file, 4096));
            // Without --root the runtime uses a default of its own, which is its secret: such a record is the daemon's to judge.
            return record.Root.Length > 0 && record.Id.Length > 0 && now - record.Created > s_settled
                && !Directory.Exists($"{record.Root.TrimEnd('/')}/{record.Id}");
        }
        catch (HardeningFormatException)
        {
            return false;   // not ours to understand, so not ours to remove
        }
    }
}
