using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>
/// Calls that C libraries try and live without, if the answer is ENOSYS. EPERM they hand on to the program, and a kill ends it, although it never needed the call.
/// </summary>
internal static class ProbeChecks
{
    private const uint Enosys = 38;

    // What glibc and musl try first, with an older call behind it that is used only after ENOSYS.
    private static readonly string[] s_fallbacks = ["clone3", "faccessat2", "fchmodat2", "statx"];

    // The same on 32-bit architectures, where the older call ends in 2038. Futex without its successor ends the program.
    private static readonly string[] s_fallbacks32 =
    [
        "clock_getres_time64", "clock_gettime64", "clock_nanosleep_time64", "futex_time64", "ppoll_time64", "pselect6_time64", "recvmmsg_time64",
        "rt_sigtimedwait_time64", "semtimedop_time64", "timer_gettime64", "timer_settime64", "timerfd_gettime64", "timerfd_settime64", "utimensat_time64",
    ];

    // What glibc does at the start of every program or thread and whose failure it ignores.
    private static readonly string[] s_atStart = ["arch_prctl", "close_range", "getrandom", "prlimit64", "rseq", "set_robust_list"];

    public static void Run(ProfileDocument document, SeccompProfile meaning, LintReport report)
    {
        SeccompArchitecture[] listed = [.. document.Architectures.Select(SyscallTable.Find).OfType<SeccompArchitecture>()];
        string[] fallbacks = listed.Any(static a => a.Name is "SCMP_ARCH_X86" or "SCMP_ARCH_ARM") ? [.. s_fallbacks, .. s_fallbacks32] : s_fallbacks;
        if (meaning.Default.Action >= SeccompAction.Trap)
        {
            string[] killed = [.. fallbacks.Concat(s_atStart).Where(name => Always(meaning, name) is { } result && result.Action >= SeccompAction.Trap).Order(StringComparer.Ordinal)];
            if (killed.Length > 0)
            {
                report.Warning("kill-probes", document.Json["defaultAction"]!.Place(),
                    $"The default is {meaning.Default}, and C libraries try {string.Join(", ", killed)} in programs that never need them: they die of it. Let them answer SCMP_ACT_ERRNO with errnoRet 38 (ENOSYS), or make that the default.");
            }
        }

        WarnOfErrno(document, meaning, fallbacks, report);
        if (meaning.Outcomes.TryGetValue("clone", out SyscallOutcome clone) && clone.Conditional.Length > 0 && Always(meaning, "clone3") is { Action: <= SeccompAction.Log })
        {
            report.Warning("clone3-open", Where(document, "clone3"),
                "'clone' passes on conditions and 'clone3' on none: its flags are in memory, where no filter can read them, so the conditions are no use. Let clone3 answer ENOSYS (errnoRet 38), and C libraries use clone.");
        }
    }

    private static void WarnOfErrno(ProfileDocument document, SeccompProfile meaning, string[] fallbacks, LintReport report)
    {
        string[] refused = [.. fallbacks.Where(name => Always(meaning, name) is { Action: SeccompAction.Errno, Errno: not Enosys })];
        string[] byDefault = [.. refused.Where(name => !meaning.Outcomes.ContainsKey(name))];
        if (byDefault.Length > 0)
        {
            report.Warning("needs-enosys", document.Json["defaultAction"]!.Place(),
                $"{string.Join(", ", byDefault)} get {meaning.Default} by default, and C libraries use the older call only after ENOSYS: threads, files or clocks fail. Name them with SCMP_ACT_ERRNO and errnoRet 38, or make 38 the defaultErrnoRet.");
        }

        foreach (string name in refused.Except(byDefault))
        {
            report.Warning("needs-enosys", Where(document, name),
                $"'{name}' gets {Always(meaning, name)}, and C libraries use the older call only after ENOSYS. Give it errnoRet 38.");
        }
    }

    private static SeccompResult? Always(SeccompProfile meaning, string name) => meaning[name].Unconditional;

    private static SourceLocation Where(ProfileDocument document, string name)
        => document.Rules.SelectMany(static r => r.Names).Where(n => n.Name == name).Select(static n => n.Location).FirstOrDefault(document.Json["defaultAction"]!.Place());
}
