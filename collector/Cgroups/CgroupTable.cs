using System.Text;
using Runtime.Hardening.Collector.Otlp;
using static Runtime.Hardening.Collector.Cgroups.CgroupMetrics;

namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>
/// The default profile: which file and key becomes which metric. One line a metric; keys in the kernel's order, because the
/// sampler looks for each key where the last one was found.
/// </summary>
internal static class CgroupTable
{
    private const double Microseconds = 1e-6;

    /// <summary>This file exists in every cgroup but the root: without it the cgroup is gone.</summary>
    internal static readonly CgroupFile Existence = new("cgroup.events", FileFormat.Flat,
        Value("populated", Populated),
        Value("frozen", Frozen));

    internal static readonly CgroupFile[] Files =
    [
        new("cpu.stat", FileFormat.Flat,
            Value("user_usec", CpuTime, ("cpu.mode", "user"), Microseconds),
            Value("system_usec", CpuTime, ("cpu.mode", "system"), Microseconds),
            Value("nr_periods", CpuPeriods),
            Value("nr_throttled", CpuThrottledPeriods),
            Value("throttled_usec", CpuThrottledTime, scale: Microseconds),
            Value("nr_bursts", CpuBursts),
            Value("burst_usec", CpuBurstTime, scale: Microseconds)),
        new("cpu.max", FileFormat.CpuMax, Value("", CpuLimit)),
        new("cpu.weight", FileFormat.Single, Value("", CpuWeight)),
        Pressure("cpu"),
        Pressure("memory"),
        Pressure("io"),
        new("irq.pressure", FileFormat.Pressure, PressureValue("irq", "full")), // interrupts stop everything, so the kernel has no `some`
        new("memory.current", FileFormat.Single, Value("", MemoryUsage, ingredient: Ingredient.MemoryCurrent)),
        new("memory.max", FileFormat.Single, Value("", MemoryLimit, ("cgroup.memory.limit.type", "max"), ingredient: Ingredient.MemoryMax)),
        new("memory.high", FileFormat.Single, Value("", MemoryLimit, ("cgroup.memory.limit.type", "high"))),
        new("memory.low", FileFormat.Single, Value("", MemoryLimit, ("cgroup.memory.limit.type", "low"))),
        new("memory.min", FileFormat.Single, Value("", MemoryLimit, ("cgroup.memory.limit.type", "min"))),
        new("memory.peak", FileFormat.Single, Value("", MemoryPeak)),
        new("memory.stat", FileFormat.Flat,
            Component("anon"),
            Value("anon", Rss),
            Component("file"),
            Component("kernel_stack"),
            Component("pagetables"),
            Component("sec_pagetables"),
            Component("percpu"),
            Component("sock"),
            Component("vmalloc"),
            Detail("shmem"),
            Component("zswap"),
            Detail("file_mapped"),
            Detail("file_dirty"),
            Detail("file_writeback"),
            new(Encoding.UTF8.GetBytes("inactive_file"), null, 1, Ingredient.InactiveFile),
            Component("slab_reclaimable"),
            Component("slab_unreclaimable"),
            new(Encoding.UTF8.GetBytes("pgfault"), null, 1, Ingredient.PageFaults),
            Value("pgmajfault", PageFaults, ("system.paging.fault.type", "major"), ingredient: Ingredient.MajorPageFaults)),
        new("memory.events", FileFormat.Flat,
            Event("low", MemoryEvents, "cgroup.memory.event"),
            Event("high", MemoryEvents, "cgroup.memory.event"),
            Event("max", MemoryEvents, "cgroup.memory.event"),
            Event("oom", MemoryEvents, "cgroup.memory.event"),
            Event("oom_kill", MemoryEvents, "cgroup.memory.event"),
            Event("oom_group_kill", MemoryEvents, "cgroup.memory.event")),
        new("memory.swap.current", FileFormat.Single, Value("", SwapUsage)),
        new("memory.swap.max", FileFormat.Single, Value("", SwapLimit, ("cgroup.memory.limit.type", "max"))),
        new("memory.swap.high", FileFormat.Single, Value("", SwapLimit, ("cgroup.memory.limit.type", "high"))),
        new("memory.swap.peak", FileFormat.Single, Value("", SwapPeak)),
        new("memory.swap.events", FileFormat.Flat,
            Event("high", SwapEvents, "cgroup.memory.event"),
            Event("max", SwapEvents, "cgroup.memory.event"),
            Event("fail", SwapEvents, "cgroup.memory.event")),
        new("io.stat", FileFormat.Io),
        new("pids.current", FileFormat.Single, Value("", Pids)),
        new("pids.max", FileFormat.Single, Value("", PidsLimit)),
        new("pids.peak", FileFormat.Single, Value("", PidsPeak)),
        new("pids.events", FileFormat.Flat, Value("max", PidsEvents)),
    ];

    internal static readonly ComputedValue[] Computed =
    [
        new(new(WorkingSet, AttributeSet.Empty), [(Ingredient.MemoryCurrent, 1), (Ingredient.InactiveFile, -1)], Ingredient.WorkingSet),
        new(new(MemoryAvailable, AttributeSet.Empty), [(Ingredient.MemoryMax, 1), (Ingredient.WorkingSet, -1)]),
        // pgfault counts major faults too.
        new(new(PageFaults, new("system.paging.fault.type", "minor")), [(Ingredient.PageFaults, 1), (Ingredient.MajorPageFaults, -1)]),
    ];

    internal static readonly Series UptimeSeries = new(Uptime, AttributeSet.Empty);

    private static CgroupValue Value(
        string key, MetricDefinition metric, (string Key, string Value)? attribute = null, double scale = 1, Ingredient ingredient = Ingredient.None)
    {
        AttributeSet attributes = attribute is { } one ? new AttributeSet(one.Key, one.Value) : AttributeSet.Empty;
        return new CgroupValue(Encoding.UTF8.GetBytes(key), new Series(metric, attributes), scale, ingredient);
    }

    private static CgroupValue Component(string key) => Value(key, MemoryComponent, ("cgroup.memory.component", key));

    private static CgroupValue Detail(string key) => Value(key, MemoryDetail, ("cgroup.memory.detail", key));

    private static CgroupValue Event(string key, MetricDefinition metric, string attribute) => Value(key, metric, (attribute, key));

    private static CgroupFile Pressure(string resource) => new($"{resource}.pressure", FileFormat.Pressure,
        PressureValue(resource, "some"),
        PressureValue(resource, "full"));

    private static CgroupValue PressureValue(string resource, string type) =>
        new(Encoding.UTF8.GetBytes(type), new Series(Stall, new("cgroup.pressure.resource", resource, "cgroup.pressure.type", type)), Microseconds);
}
