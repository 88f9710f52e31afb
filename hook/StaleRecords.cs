using Runtime.Hardening.Hook.Interop;
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

    private static readonly TimeSpan s_oldestWriter = TimeSpan.FromMinutes(5);

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
                StaleRecord.RemoveIfGone(file, now, Read);
            }

            // What a hook wrote that was killed before it could give the file its name.
            foreach (string file in Directory.GetFiles(directory, $".*{RecordKey.Ending}.*").Take(MostLookedAt).Where(file => now - File.GetLastWriteTimeUtc(file) > s_oldestWriter))
            {
                File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SystemCallException)
        {
            return;   // swept by somebody else in this moment, or by the next one
        }
    }

    private static ContainerRecord Read(string file)
    {
        using Descriptor opened = Descriptor.Open(Descriptor.CurrentDirectory, file, O_RDONLY | O_NOFOLLOW);
        return ContainerRecord.Read(opened.ReadToEnd(file, 4096));
    }
}
