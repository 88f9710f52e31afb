using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>An errno of 0 is no error.</summary>
internal static class ErrnoChecks
{
    private const string Message = "makes the call report success without doing anything. Give an errno, such as 1 (EPERM) or 38 (ENOSYS).";

    public static void Run(ProfileDocument document, LintReport report)
    {
        if (document.Default is { Action: SeccompAction.Errno, Errno: 0 })
        {
            report.Error("errno-zero", document.Json["defaultErrnoRet"]!.Place(), $"'defaultErrnoRet: 0' {Message}");
        }

        foreach (ProfileRule rule in document.Rules.Where(static r => r.Result is { Action: SeccompAction.Errno, Errno: 0 }))
        {
            report.Error("errno-zero", rule.Json["errnoRet"]!.Place(), $"'errnoRet: 0' {Message}");
        }
    }
}
