namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// Keeps libseccomp (2.5.0 and later) from forgetting to load the call's number. It does so on an architecture where no call that exists has a rule without
/// conditions while one that does not exist has: then nothing of the profile holds there, and the default answers everything. Under a default that denies
/// that is only tight; where a rule is stricter than the default, one must stand there that prevents it.
/// </summary>
internal static class BlindFilter
{
    // Every architecture has it, no kernel since 6.7 does anything for it, and before only a profiler of the kernel could call it.
    internal const string Harmless = "lookup_dcookie";

    private static readonly string[] s_everywhere =
    [
        Harmless, "read", "write", "mount", "umount2", "ptrace", "reboot", "bpf", "add_key", "keyctl", "request_key", "kexec_load", "init_module", "finit_module",
        "delete_module", "setns", "unshare", "swapon", "swapoff", "perf_event_open", "userfaultfd", "acct", "syslog", "personality", "clone3", "open_by_handle_at", "io_uring_setup",
        "pivot_root", "quotactl", "vhangup",
    ];

    /// <summary>Adds a rule to a profile that needs it.</summary>
    public static void Prevent(SeccompProfile profile)
    {
        if (Array.Exists(s_everywhere, name => profile.Table.TryGetValue(name, out SyscallOutcome outcome) && outcome.Unconditional is not null)
            || !profile.Table.Values.Any(outcome => !profile.Default.IsAtLeast(SeccompMeet.Worst(outcome, profile.Default))))
        {
            return;
        }

        SeccompResult result = profile.Default.NextStricter();
        if (profile.Table.TryGetValue(Harmless, out SyscallOutcome known))
        {
            result = SeccompResult.Strictest(result, SeccompMeet.Worst(known, profile.Default));
        }

        profile.Remove(Harmless);
        profile.Add(Harmless, result, []);
    }
}
