using System.Globalization;
using Runtime.Hardening.Collector.Cgroups;

namespace Runtime.Hardening.Collector.Node;

/// <summary>What the loop reads of processes below a proc mount.</summary>
/// <param name="proc">`/proc`; another folder in tests.</param>
internal sealed class ProcFiles(string proc = "/proc")
{
    // USER_HZ is 100 on every Linux that .NET runs on (it is a constant of the kernel's interface, not of its tick rate).
    private const double TicksPerSecond = 100;

    private long? _bootSeconds;

    /// <summary>The v2 path of a process, or null when it is gone or has none.</summary>
    internal string? CgroupPath(uint pid) => TryRead(string.Create(CultureInfo.InvariantCulture, $"{pid}/cgroup")) is { } text ? CgroupMount.PathOf(text) : null;

    /// <summary>When a process started, or null when it is gone.</summary>
    internal DateTimeOffset? StartTime(uint pid)
    {
        _bootSeconds ??= BootSeconds();
        if (_bootSeconds is not { } boot || TryRead(string.Create(CultureInfo.InvariantCulture, $"{pid}/stat")) is not { } stat)
        {
            return null;
        }

        // proc(5): field 22 is the start time; the second, the name in parentheses, may contain anything.
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && long.TryParse(fields[19], CultureInfo.InvariantCulture, out long ticks)
            ? DateTimeOffset.UnixEpoch.AddSeconds(boot + (ticks / TicksPerSecond))
            : null;
    }

    private long? BootSeconds()
    {
        string? line = TryRead("stat")?.Split('\n').FirstOrDefault(text => text.StartsWith("btime ", StringComparison.Ordinal));
        return line is not null && long.TryParse(line.AsSpan(6), CultureInfo.InvariantCulture, out long seconds) ? seconds : null;
    }

    private string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(proc, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // the process is gone
        }
    }
}
