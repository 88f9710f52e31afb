using System.Diagnostics;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>
/// Clears away what a node leaves. Its last shim or conmon ends a moment after the engine has answered, and until then a folder gets files and a cgroup is
/// busy; what is still in the way after ten seconds is a leak, and fails with its name.
/// </summary>
public static class Remains
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>A folder with everything in it.</summary>
    public static void Remove(string folder)
        => Try(() => Directory.Delete(folder, recursive: true), () => string.Join(", ", Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Take(10)));

    /// <summary>A cgroup whose containers are gone, in every hierarchy that has it.</summary>
    /// <param name="path">From the root of the hierarchies, like /hardening-test-1/conmon.</param>
    public static void RemoveCgroup(string path)
    {
        foreach (string cgroup in Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(mount => $"{mount}/{path.TrimStart('/')}").Where(Directory.Exists))
        {
            Try(() => Directory.Delete(cgroup), () => $"processes [{File.ReadAllText($"{cgroup}/cgroup.procs").Replace('\n', ' ')}], below it [{string.Join(", ", Directory.GetDirectories(cgroup))}]");
        }
    }

    private static void Try(Action remove, Func<string> inTheWay)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                remove();
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (IOException e)
            {
                if (Stopwatch.GetElapsedTime(started) > s_patience)
                {
                    throw new IOException($"{e.Message} Still there: {inTheWay()}", e);
                }

                Thread.Sleep(100);
            }
        }
    }
}
