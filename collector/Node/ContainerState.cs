using Runtime.Hardening.Collector.Cgroups;
using Runtime.Hardening.Collector.Containerd;
using Runtime.Hardening.Collector.Interop;
using Runtime.Hardening.Collector.Otlp;
using Runtime.Hardening.Collector.Verification;

namespace Runtime.Hardening.Collector.Node;

/// <summary>One container as the node's loop knows it. Owned by that loop.</summary>
internal sealed class ContainerState(ContainerIdentity identity, IReadOnlyList<TelemetryAttribute> node) : IDisposable
{
    private DirectoryHandle? _cgroup;

    internal ContainerIdentity Identity { get; private set; } = identity;

    internal TelemetryResource Resource { get; private set; } = new([.. identity.Attributes, .. node]);

    /// <summary>The first process; 0 while there is none.</summary>
    internal uint Pid { get; private set; }

    internal bool Paused { get; set; }

    internal DateTimeOffset Started { get; private set; }

    /// <summary>The path below the cgroup2 mount; null when it is not known.</summary>
    internal string? CgroupPath { get; private set; }

    internal VerificationResult? Verification { get; set; }

    /// <summary>The points of the last interval: their series are ended when the container goes.</summary>
    internal MetricBatch Batch { get; } = new();

    /// <summary>The engine changed labels or image.</summary>
    internal void Update(ContainerIdentity identity)
    {
        Identity = identity;
        Resource = new TelemetryResource([.. identity.Attributes, .. node]);
    }

    /// <summary>A process runs now. False: it is the one already known.</summary>
    internal bool Attach(uint pid, DateTimeOffset fallbackStart, ProcFiles proc, string? cgroupRoot)
    {
        if (Pid == pid && _cgroup is not null)
        {
            return false;
        }

        bool isNew = Pid != pid;
        Pid = pid;
        Started = proc.StartTime(pid) ?? fallbackStart;
        string? path = proc.CgroupPath(pid);
        // The root would count the whole node as this container's.
        CgroupPath = path is null or "/" ? null : CgroupMount.Accounting(path);
        _cgroup?.Dispose();
        _cgroup = cgroupRoot is not null && CgroupPath is not null ? DirectoryHandle.TryOpen(cgroupRoot + CgroupPath) : null;
        return isNew;
    }

    /// <summary>The process ended.</summary>
    internal void Detach()
    {
        Pid = 0;
        Paused = false;
        _cgroup?.Dispose();
        _cgroup = null;
    }

    /// <summary>Reads the cgroup into the batch. False: nothing to read.</summary>
    internal bool TrySample(CgroupSampler sampler, DateTimeOffset now)
    {
        if (Pid == 0 || _cgroup is null)
        {
            return false;
        }

        Batch.Clear();
        Batch.StartTime = UnixNano.From(Started);
        Batch.Time = UnixNano.From(now);
        if (!sampler.TrySample(_cgroup, Batch))
        {
            Batch.Clear();
            return false;
        }

        Batch.Add(CgroupTable.UptimeSeries, Math.Max(0, (now - Started).TotalSeconds));
        return true;
    }

    public void Dispose() => _cgroup?.Dispose();
}
