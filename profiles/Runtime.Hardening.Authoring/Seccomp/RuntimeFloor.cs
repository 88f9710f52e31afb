namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// The system calls that runc and crun make themselves after the filter is loaded. Without them no container starts, or the first exec
/// fails. Found by leaving out one call at a time with runc 1.1.5 and 1.3.6, and by tracing crun 1.8.1 and 1.28, each with and without
/// noNewPrivileges (without it the filter is loaded earlier, so more is needed).
/// </summary>
public static class RuntimeFloor
{
    private static readonly string[] s_runc = ["close", "execve", "fstat", "fstatfs", "getdents64", "openat", "openat2", "statx", "write"];

    private static readonly string[] s_runcEarly =
        ["capget", "capset", "chdir", "faccessat2", "getcwd", "getppid", "newfstatat", "prctl", "read", "setgid", "setgroups", "setuid"];

    private static readonly string[] s_crun = ["close", "close_range", "execve"];
    private static readonly string[] s_crunEarly = ["capset", "prctl", "rt_sigaction", "rt_sigprocmask", "setresgid", "setresuid", "write"];

    /// <summary>Needed by the Go runtime inside runc now and then: without them one start in a few fails.</summary>
    public static IReadOnlyList<string> Sometimes { get; } =
    [
        "clone", "epoll_ctl", "epoll_pwait", "fcntl", "futex", "getpid", "gettid", "madvise", "mmap", "munmap", "nanosleep", "rt_sigreturn",
        "sched_yield", "sigaltstack", "tgkill",
    ];

    /// <summary>Needed by one of the runtimes in every run.</summary>
    public static IReadOnlyList<string> Required { get; } = [.. s_runc.Concat(s_runcEarly).Concat(s_crun).Concat(s_crunEarly).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Who needs what, the commonest first.</summary>
    public static IReadOnlyList<RuntimeNeed> Needs { get; } =
    [
        new("runc", s_runc),
        new("crun", s_crun),
        new("runc without noNewPrivileges", s_runcEarly),
        new("crun without noNewPrivileges", s_crunEarly),
        new("the Go runtime inside runc now and then", Sometimes),
    ];
}
