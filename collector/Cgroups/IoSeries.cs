using System.Text;
using Runtime.Hardening.Collector.Otlp;
using static Runtime.Hardening.Collector.Cgroups.CgroupMetrics;

namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>The series of each block device, made when the device is first seen and shared by all containers.</summary>
internal sealed class IoSeries
{
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
        AttributeSet read = new("disk.io.direction", "read", "system.device", text);
        AttributeSet write = new("disk.io.direction", "write", "system.device", text);
        AttributeSet whole = new("system.device", text);
        (byte[] Key, Series Series)[] made =
        [
            ("rbytes"u8.ToArray(), new Series(DiskIo, read)),
            ("wbytes"u8.ToArray(), new Series(DiskIo, write)),
            ("rios"u8.ToArray(), new Series(IoOperations, read)),
            ("wios"u8.ToArray(), new Series(IoOperations, write)),
            ("dbytes"u8.ToArray(), new Series(IoDiscarded, whole)),
            ("dios"u8.ToArray(), new Series(IoDiscards, whole)),
        ];
        _devices.Add((device.ToArray(), made));
        return made;
    }
}
