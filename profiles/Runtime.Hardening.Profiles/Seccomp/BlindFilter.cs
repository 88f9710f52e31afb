namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// Keeps libseccomp (2.5.0 and later) from forgetting to load the call's number. It does so on an architecture where no call that exists has a rule without
/// conditions while one that does not exist has: then nothing of the profile holds there, and the default answers everything. Under a default that denies
/// that is only tight; where a rule is stricter than the default, one must stand there that prevents it.
/// </summary>
internal static class BlindFilter
{
    // Every architecture has it, no kernel since 6.7 does anything for it, and before only a profiler of the kernel could call it.
    private const string Harmless = "lookup_dcookie";
    private const string X64 = "SCMP_ARCH_X86_64";   // alone, its filter loads the number in any case

    private static readonly string[] s_everywhere =
    [
        "read", "write", Harmless, "mount", "umount2", "ptrace", "reboot", "bpf", "add_key", "keyctl", "request_key", "kexec_load", "init_module", "finit_module",
        "delete_module", "setns", "unshare", "swapon", "swapoff", "perf_event_open", "userfaultfd", "acct", "syslog", "personality", "clone3", "open_by_handle_at", "io_uring_setup",
        "pivot_root", "quotactl", "vhangup",
    ];

    /// <summary>Holds a meet to the default of a profile whose filter may do nothing else: what is looser than that goes.</summary>
    public static void Close(SeccompProfile meet, SeccompProfile of)
    {
        if (IsSuspect(of))
        {
            CloseBelow(meet, of.Default);
        }
    }

    /// <summary>Leaves of a call's rules the strictest thing that they did, or the given result where that is stricter.</summary>
    public static void Close(SeccompProfile meet, string name, in SyscallOutcome outcome, SeccompResult least)
    {
        meet.Remove(name);
        meet.Add(name, SeccompResult.Strictest(SeccompMeet.Worst(outcome, meet.Default), least), []);
    }

    /// <summary>Adds a rule to a profile that needs it, be it for what it denies or so that what it allows can be relied on.</summary>
    public static void Prevent(SeccompProfile profile)
    {
        if (HasCallOfAll(profile) || (!IsSuspect(profile) && !profile.Table.Values.Any(outcome => !profile.Default.IsAtLeast(SeccompMeet.Worst(outcome, profile.Default)))))
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
        if (result == profile.Default)
        {
            CloseBelow(profile, result);   // nothing is stricter, so no rule can be there
        }
    }

    /// <summary>Whether a rule allows more than the default does.</summary>
    public static bool IsLooser(SyscallOutcome outcome, SeccompResult fallback)
        => (outcome.Unconditional is { } always && !always.IsAtLeast(fallback)) || Array.Exists(outcome.Conditional, rule => !rule.Result.IsAtLeast(fallback));

    // Whether libseccomp may forget what the profile allows beyond its default on an architecture of its filter.
    private static bool IsSuspect(SeccompProfile profile)
        => !HasCallOfAll(profile) && (NativeArchitecture.Scmp != X64 || Array.Exists(profile.Architectures, static name => name != X64))
            && profile.Table.Values.Any(outcome => IsLooser(outcome, profile.Default));

    private static void CloseBelow(SeccompProfile meet, SeccompResult least)
    {
        foreach ((string name, SyscallOutcome outcome) in (KeyValuePair<string, SyscallOutcome>[])[.. meet.Table.Where(call => IsLooser(call.Value, least))])
        {
            Close(meet, name, outcome, least);
        }
    }

    private static bool HasCallOfAll(SeccompProfile profile)
    {
        foreach (string name in s_everywhere)
        {
            if (profile.Table.TryGetValue(name, out SyscallOutcome outcome) && outcome.Unconditional is not null)
            {
                return true;
            }
        }

        return false;
    }
}
