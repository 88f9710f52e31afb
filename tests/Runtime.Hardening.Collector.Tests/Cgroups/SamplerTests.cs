using Runtime.Hardening.Collector.Cgroups;
using Runtime.Hardening.Collector.Interop;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Tests.Cgroups;

public sealed class SamplerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string> _problems = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_file_becomes_the_metrics_of_the_table()
    {
        _folder.Write("cgroup.events", "populated 1\nfrozen 0\n");
        _folder.Write("cpu.stat", "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nnr_periods 7\nnr_throttled 2\nthrottled_usec 500000\n");
        _folder.Write("memory.current", "1000\n");
        _folder.Write("memory.max", "5000\n");
        _folder.Write("memory.high", "max\n");
        _folder.Write("memory.stat", "anon 300\nfile 600\ninactive_file 400\npgfault 90\npgmajfault 4\n");
        _folder.Write("io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n252:0 \n");
        _folder.Write("memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=12930\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9254\n");
        Dictionary<string, double> points = Sample();
        Assert.Equal(2.0, points["container.cpu.time cpu.mode=user"]);
        Assert.Equal(0.5, points["cgroup.cpu.throttled.time"]);
        Assert.Equal(7, points["cgroup.cpu.cfs.periods"]);
        Assert.Equal(600, points["container.memory.working_set"]);
        Assert.Equal(4400, points["container.memory.available"]);
        Assert.Equal(300, points["container.memory.rss"]);
        Assert.Equal(300, points["cgroup.memory.component cgroup.memory.component=anon"]);
        Assert.Equal(86, points["container.paging.faults system.paging.fault.type=minor"]);
        Assert.Equal(20, points["container.disk.io disk.io.direction=write system.device=8:0"]);
        Assert.Equal(0.009254, points["cgroup.pressure.stall.time cgroup.pressure.resource=memory cgroup.pressure.type=full"], 9);
        Assert.DoesNotContain("cgroup.memory.limit cgroup.memory.limit.type=high", points.Keys); // max: no point
        Assert.DoesNotContain(points.Keys, key => key.Contains("252:0", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_file_is_said_once_by_name()
    {
        _folder.Write("cgroup.events", "populated 1\nfrozen 0\n");
        var sampler = new CgroupSampler(_problems.Add); // throws when told twice
        using DirectoryHandle directory = DirectoryHandle.TryOpen(_folder.Path)!;
        Assert.True(sampler.TrySample(directory, new MetricBatch()));
        Assert.True(sampler.TrySample(directory, new MetricBatch()));
        Assert.Contains("pids.current", _problems.Keys);
    }

    [Fact]
    public void A_malformed_file_is_said_and_the_others_are_read()
    {
        _folder.Write("cgroup.events", "populated 1\n");
        _folder.Write("cpu.stat", "user_usec lots\n");
        _folder.Write("pids.current", "3\n");
        Dictionary<string, double> points = Sample();
        Assert.Equal(3, points["cgroup.pids.count"]);
        Assert.Contains("'lots'", _problems["cpu.stat"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_cgroup_that_is_gone_is_no_problem_but_false()
    {
        var sampler = new CgroupSampler(_problems.Add);
        using DirectoryHandle directory = DirectoryHandle.TryOpen(_folder.Path)!;
        Assert.False(sampler.TrySample(directory, new MetricBatch()));
        Assert.Empty(_problems);
    }

    [Theory]
    [InlineData("12:cpu:/a\n0::/kubepods/pod1/c\n", "/kubepods/pod1/c")]
    [InlineData("0::/a (deleted)\n", null)]
    [InlineData("0::/../x\n", null)]
    [InlineData("1:name=systemd:/a\n", null)]
    public void The_path_is_the_v2_line(string text, string? expected) => Assert.Equal(expected, CgroupMount.PathOf(text));

    [Fact]
    public void The_mount_is_found_on_a_hybrid_host_and_unescaped() => Assert.Equal("/sys/fs/my cgroup", CgroupMount.Find(
        "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw\n41 31 0:38 / /sys/fs/my\\040cgroup rw shared:9 - cgroup2 cgroup2 rw\n"));

    private Dictionary<string, double> Sample()
    {
        var batch = new MetricBatch();
        using DirectoryHandle directory = DirectoryHandle.TryOpen(_folder.Path)!;
        Assert.True(new CgroupSampler(_problems.Add).TrySample(directory, batch));
        Dictionary<string, double> points = [];
        foreach (MetricPoint point in batch.Points)
        {
            string name = string.Join(' ', [point.Series.Metric.Name, .. point.Series.Attributes.Attributes.Select(a => $"{a.Key}={a.Value}")]);
            points.Add(name, point.Series.Metric.IsDouble ? point.AsDouble : point.Bits);
        }

        return points;
    }
}
