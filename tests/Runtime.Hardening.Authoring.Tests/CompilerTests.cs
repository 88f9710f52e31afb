using System.Text;
using Runtime.Hardening.Authoring.Compiling;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

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
          resources: {pidsMax: 512, memoryMax: 1.5Gi, cpuMax: 500m}
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
        "resources":{"pidsMax":512,"memoryMax":1610612736,"cpuMaxMilli":500},
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

    [Theory]
    [InlineData("memoryMax: 1048576", null, 1048576ul, null)]
    [InlineData("memoryMax: \"512Mi\"", null, 536870912ul, null)]
    [InlineData("memoryMax: 500M", null, 500000000ul, null)]
    [InlineData("memoryMax: 2048k", null, 2048000ul, null)]
    [InlineData("memoryMax: 7Ei", null, 8070450532247928832ul, null)]
    [InlineData("memoryMax: 9223372036854775807", null, 9223372036854775807ul, null)]
    [InlineData("cpuMax: 1.5", null, null, 1500ul)]
    [InlineData("cpuMax: \"0.01\"", null, null, 10ul)]
    [InlineData("cpuMax: 2", null, null, 2000ul)]
    [InlineData("cpuMax: 1000", null, null, 1000000ul)]
    [InlineData("pidsMax: 1, cpuMax: 250m", 1ul, null, 250ul)]
    public void QuantitiesAreThoseOfKubernetes(string resources, ulong? pids, ulong? memory, ulong? milli)
    {
        string text = Lint.Header + $"  resources: {{{resources}}}\n";
        Assert.Equal(new ResourceBounds(pids, memory, milli), Assert.Single(PolicyCompiler.Compile(Lint.Clean(text))).Resources);
        Assert.Empty(new SchemaCheck(File.ReadAllText(Path.Combine(Repository.Profiles, "schema/policy.schema.json"))).MistakesIn(text));
    }

    [Fact]
    public void BoundsAreFieldsOfTheirOwnForThoseWhoCompare()
    {
        SortedDictionary<string, string> fields = PolicyText.Fields(Assert.Single(PolicyCompiler.Compile(Lint.Clean(Lint.Header + "  resources: {memoryMax: 1Mi, cpuMax: 1500m, pidsMax: 5}\n"))));
        Assert.Equal(("5", "1048576", "1.5"), (fields["resources.pidsMax"], fields["resources.memoryMax"], fields["resources.cpuMax"]));
    }

    [Fact]
    public void KeepingNoCapabilityIsNotTheSameAsSayingNothing()
    {
        Assert.Equal(0, Assert.Single(PolicyCompiler.Compile(Lint.Clean(Lint.Header + "  capabilities: {keep: []}\n"))).KeepCapabilities?.Count);
        Assert.Null(Assert.Single(PolicyCompiler.Compile(Lint.Clean(Lint.Header + "  noNewPrivileges: true\n"))).KeepCapabilities);
    }
}
