using System.Text;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Authoring.Tests.Seccomp;

/// <summary>Short ways to a profile and to what the linter says of it.</summary>
internal static class Profile
{
    public const string Deny = "\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"architectures\":[\"SCMP_ARCH_X86_64\"]";

    /// <summary>A rule that allows what runtimes need, so that a test sees only its own findings.</summary>
    public static string Floor(params string[] without)
        => $"{{\"names\":[{string.Join(",", RuntimeFloor.Required.Concat(RuntimeFloor.Sometimes).Concat(["exit_group"]).Except(without).Select(n => $"\"{n}\""))}],\"action\":\"SCMP_ACT_ALLOW\"}}";

    /// <summary>A clean allow-list with more rules.</summary>
    public static string Json(params string[] rules) => $"{{{Deny},\"syscalls\":[{string.Join(",\n", rules.Prepend(Floor()))}]}}";

    public static string Rule(string name, string action, string more = "") => $"{{\"names\":[\"{name}\"],\"action\":\"{action}\"{(more.Length == 0 ? "" : ",")}{more}}}";

    public static string Arg(int index, string op, ulong value, ulong two = 0) => $"{{\"index\":{index},\"value\":{value},\"valueTwo\":{two},\"op\":\"SCMP_CMP_{op}\"}}";

    public static ProfileDocument Read(string json, ProfileDialect dialect = ProfileDialect.Oci)
    {
        LintReport report = new();
        ProfileDocument? document = ProfileDocument.Parse("p.json", Encoding.UTF8.GetBytes(json), dialect, report);
        Assert.Empty(report.Findings);
        return document!;
    }

    public static IReadOnlyList<LintFinding> Lint(string json, SeccompUse use = SeccompUse.Runtime)
    {
        LintReport report = new();
        if (ProfileDocument.Parse("p.json", Encoding.UTF8.GetBytes(json), ProfileDialect.Oci, report) is { } document)
        {
            SeccompChecks.Run(document, use, report);
        }

        return report.Findings;
    }
}
