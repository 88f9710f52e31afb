using Runtime.Hardening.Collector.Interop;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>Reads the files of cgroups. One buffer for all; used by one loop only.</summary>
/// <param name="problem">Told once for each file that is missing or unreadable on this node, and why.</param>
internal sealed class CgroupSampler(Action<string, string> problem)
{
#if DEBUG
    private byte[] _buffer = new byte[16]; // tiny: every test takes the growing path
#else
    private byte[] _buffer = new byte[8 * 1024]; // memory.stat is below 4 KiB today
#endif

    private readonly CgroupParser _parser = new();
    private readonly SortedDictionary<string, string> _problems = new(StringComparer.Ordinal);

    /// <summary>Files that could not be used, and why.</summary>
    internal IReadOnlyDictionary<string, string> Problems => _problems;

    /// <summary>Adds all points of a cgroup. False: the cgroup is gone.</summary>
    internal bool TrySample(DirectoryHandle cgroup, MetricBatch batch)
    {
        _parser.Begin();
        if (cgroup.Read(CgroupTable.Existence.NullTerminatedName, ref _buffer, out int length) != ReadOutcome.Read)
        {
            return false;
        }

        Parse(CgroupTable.Existence, length, batch);
        foreach (CgroupFile file in CgroupTable.Files)
        {
            switch (cgroup.Read(file.NullTerminatedName, ref _buffer, out length))
            {
                case ReadOutcome.Read:
                    Parse(file, length, batch);
                    break;
                case ReadOutcome.Missing:
                    if (!_problems.ContainsKey(file.Name) &&
                        cgroup.Read(CgroupTable.Existence.NullTerminatedName, ref _buffer, out _) == ReadOutcome.Read)
                    {
                        Report(file.Name, "not in the cgroup v2 directory: its controller is off or on cgroup v1, or the kernel is older");
                    }

                    break;
                case ReadOutcome.Denied:
                    Report(file.Name, "permission denied: run as root");
                    break;
                case ReadOutcome.Gone:
                    return false;
            }
        }

        _parser.Finish(batch);
        return true;
    }

    private void Parse(CgroupFile file, int length, MetricBatch batch)
    {
        try
        {
            _parser.Parse(file, _buffer.AsSpan(0, length), batch);
        }
        catch (CgroupFormatException e)
        {
            Report(file.Name, $"{e.Message}; the rest of the file is skipped");
        }
    }

    private void Report(string file, string reason)
    {
        if (_problems.TryAdd(file, reason))
        {
            problem(file, reason);
        }
    }
}
