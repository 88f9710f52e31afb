namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// Arguments of which the kernel takes fewer bits than a register has: the type in the call's definition (SYSCALL_DEFINE) is int, unsigned int, pid_t, uid_t, clockid_t
/// or the like, of 32 bits, or umode_t, of 16. What stands above is cut off without a word, while a filter sees all of it. The calls are those whose arguments profiles
/// compare; the list need not be complete.
/// </summary>
internal static class NarrowArguments
{
    private const string Clone = "clone";

    private static readonly Dictionary<string, int[]> s_ints = new(StringComparer.Ordinal)
    {
        ["socket"] = [0, 1, 2], ["socketpair"] = [0, 1, 2], ["accept4"] = [0, 3], ["getsockopt"] = [0, 1, 2], ["setsockopt"] = [0, 1, 2, 4],
        ["ioctl"] = [0, 1], ["fcntl"] = [0, 1], ["prctl"] = [0], ["arch_prctl"] = [0], ["personality"] = [0], ["keyctl"] = [0], ["bpf"] = [0, 2], ["seccomp"] = [0, 1],
        ["perf_event_open"] = [1, 2, 3], ["userfaultfd"] = [0], ["io_uring_setup"] = [0], ["io_uring_register"] = [0, 1, 3],
        [Clone] = [0],   // unsigned long, of which the kernel takes the lower half by itself
        ["setns"] = [0, 1], ["kcmp"] = [0, 1, 2], ["umount2"] = [1], ["swapon"] = [1], ["quotactl"] = [0, 2], ["reboot"] = [0, 1, 2], ["syslog"] = [0, 2],
        ["finit_module"] = [0, 2], ["delete_module"] = [1],
        ["kill"] = [0, 1], ["tkill"] = [0, 1], ["tgkill"] = [0, 1, 2], ["rt_sigqueueinfo"] = [0, 1], ["pidfd_open"] = [0, 1], ["pidfd_send_signal"] = [0, 1, 3], ["pidfd_getfd"] = [0, 1, 2],
        ["open"] = [1], ["openat"] = [0, 2], ["access"] = [1], ["faccessat"] = [0, 2], ["unlinkat"] = [0, 2], ["mknod"] = [2], ["mknodat"] = [0, 3], ["memfd_create"] = [1],
        ["chown"] = [1, 2], ["setuid"] = [0], ["setgid"] = [0], ["setreuid"] = [0, 1], ["setregid"] = [0, 1], ["setresuid"] = [0, 1, 2], ["setresgid"] = [0, 1, 2],
        ["setpriority"] = [0, 1, 2], ["ioprio_set"] = [0, 1, 2], ["sched_setscheduler"] = [0, 1], ["sched_setattr"] = [0, 2], ["setrlimit"] = [0], ["prlimit64"] = [0, 1],
        ["clock_gettime"] = [0], ["clock_settime"] = [0], ["clock_adjtime"] = [0], ["timer_create"] = [0], ["timerfd_create"] = [0, 1],
        ["madvise"] = [2], ["process_madvise"] = [0, 3, 4], ["futex"] = [1, 2, 5], ["shmget"] = [0, 2], ["shmat"] = [0, 2], ["shmctl"] = [0, 1], ["msgctl"] = [0, 1], ["semctl"] = [0, 1, 2],
    };

    private static readonly Dictionary<string, int> s_modes = new(StringComparer.Ordinal)
    {
        ["chmod"] = 1, ["fchmod"] = 1, ["fchmodat"] = 2, ["fchmodat2"] = 2, ["mkdir"] = 1, ["mkdirat"] = 2, ["mknod"] = 1, ["mknodat"] = 2, ["creat"] = 1, ["open"] = 2, ["openat"] = 3,
    };

    /// <summary>The calls of the list.</summary>
    public static IEnumerable<string> Calls => s_ints.Keys.Union(s_modes.Keys);

    /// <summary>How many bits of an argument the kernel takes where a call has it; null where it takes all of them, or the list does not know the call.</summary>
    public static int? Bits(SeccompArchitecture architecture, string name, uint index)
    {
        if (SyscallTable.Number(architecture, name) is null)
        {
            return null;
        }

        // The two architectures of the s390 family have clone's first two arguments in the other order.
        long at = name == Clone && architecture.Name == "SCMP_ARCH_S390X" ? (long)index - 1 : index;
        return s_modes.TryGetValue(name, out int mode) && mode == at ? 16
            : s_ints.TryGetValue(name, out int[]? ints) && ints.Contains((int)at) ? 32
            : null;
    }
}
