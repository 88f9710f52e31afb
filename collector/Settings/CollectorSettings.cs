namespace Runtime.Hardening.Collector.Settings;

/// <summary>Settings of the daemon, complete: defaults filled in.</summary>
internal sealed record CollectorSettings
{
    /// <summary>The file they were read from, or would have been.</summary>
    internal required string File { get; init; }

    /// <summary>How often cgroups are read. 5 s: fine enough for PSI, 0.1 % of a core for a thousand containers.</summary>
    internal TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>containerd's socket.</summary>
    internal string Containerd { get; init; } = "/run/containerd/containerd.sock";

    /// <summary>The cgroup2 mount; null: the one in /proc/self/mountinfo.</summary>
    internal string? CgroupRoot { get; init; }

    /// <summary>hook.json, which says where journal and records are.</summary>
    internal required string Hook { get; init; }

    /// <summary>Where OTLP JSON lines go when no endpoint is set.</summary>
    internal string Output { get; init; } = "/var/lib/hardening/telemetry";

    /// <summary>Where the journal's cursor is kept.</summary>
    internal string State { get; init; } = "/var/lib/hardening/collector";

    /// <summary>The status socket.</summary>
    internal string Socket { get; init; } = "/run/hardening/hardeningd.sock";
}
