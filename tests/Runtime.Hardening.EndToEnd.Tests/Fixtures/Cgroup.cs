namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>The kernel's own word on what a container may use: its files of cgroup v1, or of v2 where a controller has no hierarchy of its own.</summary>
/// <param name="Bundle">Whose cgroup has its id as its path.</param>
public sealed record Cgroup(TestBundle Bundle)
{
    private const string Root = "/sys/fs/cgroup";

    public string Pids => Read("pids", "pids.max", "pids.max");

    public string Memory => Read("memory", "memory.limit_in_bytes", "memory.max");

    /// <summary>Quota and period.</summary>
    public string Cpu => IsV1("cpu") ? $"{Read("cpu", "cpu.cfs_quota_us", "")} {Read("cpu", "cpu.cfs_period_us", "")}" : Read("cpu", "", "cpu.max");

    /// <summary>What nobody bounds: 512 shares, or the weight that runtimes make of them.</summary>
    public string Shares => Read("cpu", "cpu.shares", "cpu.weight");

    public static string SharesOf512 => IsV1("cpu") ? "512" : "20";

    private static bool IsV1(string controller) => Directory.Exists(Path.Combine(Root, controller));

    private string Read(string controller, string v1, string v2)
        => File.ReadAllText(IsV1(controller) ? Path.Combine(Root, controller, Bundle.Id, v1) : Path.Combine(Root, Bundle.Id, v2)).Trim();
}
