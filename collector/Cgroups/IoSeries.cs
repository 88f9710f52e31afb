using System.Text;
using Runtime.Hardening.Collector.Otlp;
using static Runtime.Hardening.Collector.Cgroups.CgroupMetrics;

namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>The series of each block device, made when the device is first seen and shared by all containers.</summary>
internal sealed class IoSeries
{
    /// <summary>The keys of a device's line, the metric of each, and the direction where it has one.</summary>
    internal static readonly (string Key, MetricDefinition Metric, string? Direction)[] Keys =
    [
        ("rbytes", DiskIo, "read"),
        ("wbytes", DiskIo, "write"),
        ("rios", IoOperations, "read"),
        ("wios", IoOperations, "write"),
        ("dbytes", IoDiscarded, null),
        ("dios", IoDiscards, null),
    ];

    private readonly List<(byte[] Name, (byte[] Key, Series Series)[] Values)> _devices = [];

    /// <summary>The keys of io.stat and their series for a device named `MAJ:MIN`.</summary>
    internal (byte[] Key, Series Series)[] Of(ReadOnlySpan<byte> device)
    {
        foreach ((byte[] name, (byte[], Series)[] values) in _devices)
        {
            if (device.SequenceEqual(name))
            {
                return values;
            }
        }

        string text = Encoding.UTF8.GetString(device);
        (byte[] Key, Series Series)[] made = [.. Keys.Select(key => (Encoding.UTF8.GetBytes(key.Key), new Series(key.Metric, Attributes(key.Direction, text))))];
        _devices.Add((device.ToArray(), made));
        return made;
    }

    internal static AttributeSet Attributes(string? direction, string device) =>
        direction is null ? new("system.device", device) : new("disk.io.direction", direction, "system.device", device);
}
