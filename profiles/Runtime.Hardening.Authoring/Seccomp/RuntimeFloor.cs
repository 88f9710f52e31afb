namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// The system calls that runc and crun make themselves after the filter is loaded. Without them no container starts, or the first exec
/// fails. Found by leaving out one call at a time with runc 1.1.5 and 1.3.6, and by tracing crun 1.8.1 and 1.28, each with and without
/// noNewPrivileges (without it the filter is loaded earlier, so more is needed).
/// </summary>
public static class RuntimeFloor
{
    /// <summary>Needed by one of the runtimes in every run.</summary>
    public static IReadOnlyList<string> Required { get; } =
    [
        "capget", "capset", "chdir", "close", "close_range", "execve", "faccessat2", "fstat", "fstatfs", "getcwd", "getdents64", "getppid",
        "newfstatat", "openat", "openat2", "prctl", "read", "rt_sigaction", "rt_sigprocmask", "setgid", "setgroups", "setresgid",
        "setresuid", "setuid", "statx", "write",
    ];

    /// <summary>Needed by the Go runtime inside runc now and then: without them one start in a few fails.</summary>
    public static IReadOnlyList<string> Sometimes { get; } =
    [
        "clone", "epoll_ctl", "epoll_pwait", "fcntl", "futex", "getpid", "gettid", "madvise", "mmap", "munmap", "nanosleep", "rt_sigreturn",
        "sched_yield", "sigaltstack", "tgkill",
    ];
}
