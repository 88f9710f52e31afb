using System.Text;
using Runtime.Hardening.Authoring.Compiling;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Tests;

public class CompilerTests
{
    private const string Everything = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: {name: all}
        spec:
          match:
            - {namespaces: ["web-*"], engines: [containerd], annotations: {team: "a*"}, privileged: false, containers: all}
          mode: audit
          seccomp: {profile: tiny}
          apparmor: {profile: docker-default, combine: stack, otherwise: report}
          capabilities: {keep: [KILL, CAP_CHOWN]}
          noNewPrivileges: true
          rootFilesystem: readOnly
          paths: {mask: [/b, /a], readOnly: [/proc/sys]}
          rlimits: {RLIMIT_NOFILE: {soft: 1, hard: 2}, RLIMIT_CORE: 0, RLIMIT_AS: unlimited}
          require:
            hostNamespaces: {deny: [pid]}
            privileged: {deny: true, otherwise: report}
            mounts: {denySources: [/etc/**]}
            user: {nonRoot: true, otherwise: report}
          onError: passThrough
        """;

    // Compared byte for byte: the hook of another version reads this file.
    private const string Golden = """
        {"generation":"000001-0123456789ab","created":"1970-01-01T00:00:00Z","policies":[{"name":"all","mode":"audit","onError":"passThrough",
        "match":[{"containers":"all","engines":["containerd"],"namespaces":["web-*"],"annotations":{"team":"a*"},"privileged":false}],
        "seccomp":{"profile":"tiny","file":"seccomp/tiny-CRC.json","crc32c":"CRC"},
        "apparmor":{"profile":"docker-default","combine":"stack","otherwise":"report"},"capabilities":{"keep":["CAP_CHOWN","CAP_KILL"]},
        "noNewPrivileges":true,"rootFilesystem":"readOnly","paths":{"mask":["/a","/b"],"readOnly":["/proc/sys"]},
        "rlimits":[{"type":"RLIMIT_AS","soft":18446744073709551615,"hard":18446744073709551615},{"type":"RLIMIT_CORE","soft":0,"hard":0},{"type":"RLIMIT_NOFILE","soft":1,"hard":2}],
        "require":{"hostNamespaces":{"deny":["pid"],"otherwise":"refuse"},"privileged":{"deny":true,"otherwise":"report"},
        "mounts":{"denySources":["/etc/**"],"otherwise":"refuse"},"user":{"nonRoot":true,"otherwise":"report"}}}]}
        """;

    [Fact]
    public void EveryFieldArrivesInTheIndexAsItIsWritten()
    {
        const string Tiny = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}";
        using TestFolder folder = new();
        folder.Write("profiles/seccomp/tiny.json", "{ \"defaultAction\" : \"SCMP_ACT_ALLOW\" }\n");
        LintReport report = new();
        PolicySet set = PolicySet.Load([folder.Write("p.yaml", Everything)], new ProfileFolders([folder["profiles"]]), report);
        Assert.False(report.HasErrors);
        Assert.Equal(Tiny, Encoding.UTF8.GetString(set.Seccomp["tiny"].Json.Span));
        string crc = PolicyIndex.ChecksumText(PolicyIndex.Checksum(Encoding.UTF8.GetBytes(Tiny)));
        byte[] body = new PolicyIndex("000001-0123456789ab", DateTimeOffset.UnixEpoch, PolicyCompiler.Compile(set)).WriteBody();
        Assert.Equal(Golden.Replace("\n", "", StringComparison.Ordinal).Replace("CRC", crc, StringComparison.Ordinal), Encoding.UTF8.GetString(body));
    }

    [Fact]
    public void WhatIsDeniedFalseOrEmptyAsksForNothing()
    {
        Policy policy = Assert.Single(PolicyCompiler.Compile(Lint.Clean(
            Lint.Header + "  noNewPrivileges: false\n  require: {privileged: {deny: false}, user: {nonRoot: false}, hostNamespaces: {deny: []}, mounts: {denySources: []}}\n")));
        Assert.True(policy is { NoNewPrivileges: false, RequirePrivileged: null, RequireUser: null, RequireHostNamespaces: null, RequireMounts: null });
    }

    [Fact]
    public void KeepingNoCapabilityIsNotTheSameAsSayingNothing()
    {
        Assert.Equal(0, Assert.Single(PolicyCompiler.Compile(Lint.Clean(Lint.Header + "  capabilities: {keep: []}\n"))).KeepCapabilities?.Count);
        Assert.Null(Assert.Single(PolicyCompiler.Compile(Lint.Clean(Lint.Header + "  noNewPrivileges: true\n"))).KeepCapabilities);
    }
}
