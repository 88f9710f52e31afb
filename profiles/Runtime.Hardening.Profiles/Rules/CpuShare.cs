namespace Runtime.Hardening.Profiles.Rules;

/// <summary>CPU time in every period of time: 150000 of 100000 microseconds are one CPU and a half.</summary>
/// <param name="Quota">Microseconds of CPU time.</param>
/// <param name="Period">Microseconds of time.</param>
internal readonly record struct CpuShare(ulong Quota, ulong Period)
{
    /// <summary>The kernel's own period, in microseconds.</summary>
    public const ulong UsualPeriod = 100_000;

    // Less than a millisecond in a period is EINVAL to the kernel (kernel/sched/core.c, min_cfs_quota_period).
    private const ulong LeastQuota = 1000;

    /// <summary>Whether this share is at most the other.</summary>
    public bool IsWithin(CpuShare other) => (UInt128)Quota * other.Period <= (UInt128)other.Quota * Period;

    /// <summary>The share over another period; over the usual one where the kernel would refuse the quota. Rounded down: never more than this share.</summary>
    public (ulong Quota, ulong Period) Over(ulong period)
    {
        UInt128 quota = (UInt128)Quota * period / Period;
        return quota >= LeastQuota && quota <= long.MaxValue
            ? ((ulong)quota, period)
            : ((ulong)UInt128.Clamp((UInt128)Quota * UsualPeriod / Period, 1, long.MaxValue), UsualPeriod);
    }
}
