namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>The kernel's own word on what a container may use: its files of cgroup v1, or of v2 where a controller has no hierarchy of its own.</summary>
/// <param name="Path">The cgroup's path, without a slash before it.</param>
public sealed record Cgroup(string Path)
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>A bundle's, which has its id as its path.</summary>
    public Cgroup(TestBundle bundle)
        : this(bundle.Id)
    {
    }

    public string Pids => Read("pids", "pids.max", "pids.max");

    public string Memory => Read("memory", "memory.limit_in_bytes", "memory.max");

    /// <summary>Quota and period.</summary>
    public string Cpu => IsV1("cpu") ? $"{Read("cpu", "cpu.cfs_quota_us", "")} {Read("cpu", "cpu.cfs_period_us", "")}" : Read("cpu", "", "cpu.max");

    /// <summary>What nobody bounds: 512 shares, or the weight that runtimes make of them.</summary>
    public string Shares => Read("cpu", "cpu.shares", "cpu.weight");

    public static string SharesOf512 => IsV1("cpu") ? "512" : "20";

    private static bool IsV1(string controller) => Directory.Exists($"{Root}/{controller}");

    private string Read(string controller, string v1, string v2)
        => File.ReadAllText(IsV1(controller) ? $"{Root}/{controller}/{Path}/{v1}" : $"{Root}/{Path}/{v2}").Trim();
}
