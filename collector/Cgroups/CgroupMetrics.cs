using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>The metrics of a container's cgroup. Names are OpenTelemetry's `container.*` where they exist, else `cgroup.*`.</summary>
internal static class CgroupMetrics
{
    internal static readonly MetricDefinition
        CpuTime = Seconds("container.cpu.time", "CPU time consumed, by mode."),
        CpuPeriods = Counter("cgroup.cpu.cfs.periods", "{period}", "Bandwidth periods that have elapsed."),
        CpuThrottledPeriods = Counter("cgroup.cpu.cfs.throttled_periods", "{period}", "Bandwidth periods in which the cgroup was throttled."),
        CpuThrottledTime = Seconds("cgroup.cpu.throttled.time", "Time the cgroup was throttled."),
        CpuBursts = Counter("cgroup.cpu.cfs.bursts", "{burst}", "Bandwidth periods in which a burst occurred."),
        CpuBurstTime = Seconds("cgroup.cpu.burst.time", "CPU time used above quota in bursts."),
        CpuLimit = new("cgroup.cpu.limit", MetricKind.UpDownCounter, "{cpu}", "Processors the quota grants.", isDouble: true),
        CpuWeight = Gauge("cgroup.cpu.weight", "{weight}", "Share of CPU time relative to sibling cgroups."),
        Stall = Seconds("cgroup.pressure.stall.time", "Time in which some or all tasks waited for the resource."),
        MemoryUsage = UpDown("container.memory.usage", "By", "Memory charged to the container."),
        WorkingSet = UpDown("container.memory.working_set", "By", "Memory that cannot be reclaimed easily: usage less inactive file pages."),
        Rss = UpDown("container.memory.rss", "By", "Anonymous memory."),
        MemoryAvailable = UpDown("container.memory.available", "By", "Limit less working set."),
        MemoryLimit = UpDown("cgroup.memory.limit", "By", "Memory limit, by type."),
        MemoryPeak = Gauge("cgroup.memory.peak", "By", "Highest memory usage since the cgroup was created."),
        MemoryComponent = UpDown("cgroup.memory.component", "By", "Memory by what it is used for; the parts are disjoint."),
        MemoryDetail = UpDown("cgroup.memory.detail", "By", "Parts of the components; they overlap, do not add them."),
        PageFaults = Counter("container.paging.faults", "{fault}", "Page faults, by type."),
        MemoryEvents = Counter("cgroup.memory.events", "{event}", "Times that a memory boundary was hit."),
        SwapUsage = UpDown("cgroup.memory.swap.usage", "By", "Swap space used."),
        SwapPeak = Gauge("cgroup.memory.swap.peak", "By", "Highest swap usage since the cgroup was created."),
        SwapLimit = UpDown("cgroup.memory.swap.limit", "By", "Swap limit, by type."),
        SwapEvents = Counter("cgroup.memory.swap.events", "{event}", "Times that a swap boundary was hit."),
        DiskIo = Counter("container.disk.io", "By", "Bytes read and written, by device."),
        IoOperations = Counter("cgroup.io.operations", "{operation}", "Reads and writes, by device."),
        IoDiscarded = Counter("cgroup.io.discard.io", "By", "Bytes discarded, by device."),
        IoDiscards = Counter("cgroup.io.discard.operations", "{operation}", "Discards, by device."),
        Pids = UpDown("cgroup.pids.count", "{thread}", "Threads and processes."),
        PidsPeak = Gauge("cgroup.pids.peak", "{thread}", "Highest number of threads and processes."),
        PidsLimit = UpDown("cgroup.pids.limit", "{thread}", "Limit of threads and processes."),
        PidsEvents = Counter("cgroup.pids.events", "{event}", "Forks refused by the limit."),
        Populated = Gauge("cgroup.populated", "{state}", "1 while the cgroup has live processes."),
        Frozen = Gauge("cgroup.frozen", "{state}", "1 while the cgroup is frozen."),
        Uptime = new("container.uptime", MetricKind.Gauge, "s", "Time since the container's first process started.", isDouble: true);

    private static MetricDefinition Seconds(string name, string text) => new(name, MetricKind.Counter, "s", text, isDouble: true);

    private static MetricDefinition Counter(string name, string unit, string text) => new(name, MetricKind.Counter, unit, text);

    private static MetricDefinition UpDown(string name, string unit, string text) => new(name, MetricKind.UpDownCounter, unit, text);

    private static MetricDefinition Gauge(string name, string unit, string text) => new(name, MetricKind.Gauge, unit, text);
}
