using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>
/// Each shipped seccomp profile alone, without an engine's, under the real runtime: what it is made for runs, an exec joins, and what its header says it denies is
/// denied. A call counts as denied only if a container without any profile gets another answer.
/// </summary>
public class CatalogProfilesTests(CatalogPrograms programs) : IClassFixture<CatalogPrograms>
{
    private const int Eperm = 1, Enosys = 38;

    // What every program may try, and nobody grants here: the answers that make libraries fall back.
    private static readonly string[] s_always = ["add_key", "clone3", "setns", "unshare"];
    private static readonly string[] s_restricted = [.. s_always, "adjtimex", "chroot", "int80", "personality", "process_vm_readv", "ptrace", "socket-alg"];
    private static readonly string[] s_queues = ["mq_open", "msgget"];
    private static readonly string[] s_narrow = ["socket-netlink-generic", "vmsplice"];
    private static readonly string[] s_ordinary = ["mkdir", "socket-inet", "socket-unix", "socket-netlink-route"];

    private static readonly Dictionary<string, (string[] Denied, string[] Allowed)> s_claims = new()
    {
        ["runtime-default"] = (s_always, [.. s_ordinary, .. s_queues, .. s_narrow, "adjtimex", "chroot", "get_mempolicy", "int80", "mbind", "personality", "ptrace", "semget", "shmget", "socket-alg"]),
        ["restricted"] = ([.. s_restricted, "get_mempolicy", "mbind"], [.. s_ordinary, .. s_queues, .. s_narrow, "memfd_create", "mincore", "mknod-fifo", "semget", "shmget"]),
        ["web"] = ([.. s_restricted, .. s_queues, .. s_narrow, "memfd_create", "mincore", "mknod-fifo", "sched_setscheduler", "semget", "shmget"], [.. s_ordinary, "io_setup", "tee"]),
        ["worker"] = ([.. s_restricted, .. s_queues, .. s_narrow, "mknod-socket"], [.. s_ordinary, "io_setup", "memfd_create", "mknod-fifo", "semget", "shmget", "tee"]),
        ["jvm"] = ([.. s_restricted, .. s_queues, .. s_narrow, "io_setup", "mknod-fifo", "semget", "shmget", "tee"], [.. s_ordinary, "get_mempolicy", "mbind", "memfd_create"]),
        ["node"] = ([.. s_restricted, .. s_queues, .. s_narrow, "io_setup", "mincore", "mknod-fifo", "sched_setscheduler", "semget", "shmget", "tee"], [.. s_ordinary, "memfd_create"]),
        ["sandbox"] = ([.. s_restricted, .. s_queues, .. s_narrow, .. s_ordinary, "io_setup", "memfd_create", "mknod-fifo", "semget", "shmget"], []),
        ["audit-all"] = ([], [.. s_always, .. s_queues, .. s_narrow, .. s_ordinary, "adjtimex", "chroot", "int80", "mbind", "personality", "ptrace", "socket-alg"]),
    };

    private static readonly (string Profile, string Needs, string[] Line)[] s_programs =
    [
        ("runtime-default", "perl", ["/bin/sh", "-c", "perl -e 'exit if !fork; wait; print \"works\n\"'"]),
        ("restricted", "busybox", ["/bin/sh", "-c", "busybox tar c /etc/hostname | busybox gzip | busybox gunzip | busybox tar t && echo works"]),
        ("web", "nginx", ["/bin/sh", "/catalog-web.sh"]),
        ("worker", "python3", ["python3", "/catalog-worker.py"]),
        ("worker", "redis-check-rdb", ["/bin/sh", "/catalog-redis.sh"]),
        ("jvm", "java", ["java", "-Xmx96m", "-XX:+UseG1GC", "-XX:+UseNUMA", "/CatalogJvm.java"]),
        ("node", "node", ["node", "/catalog-node.js"]),
        ("audit-all", "python3", ["python3", "/catalog-worker.py"]),
    ];

    public static TheoryData<string, bool> Profiles() => Twice(s_claims.Keys);

    public static TheoryData<string, string, bool> Programs()
    {
        var rows = new TheoryData<string, string, bool>();
        foreach ((string profile, string needs, _) in s_programs)
        {
            rows.Add(profile, needs, true);
            rows.Add(profile, needs, false);
        }

        return rows;
    }

    [Fact]
    public void Every_shipped_profile_is_tried()
        => Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Published.Repository, "profiles/seccomp"), "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            s_claims.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Under_its_profile_a_container_starts_execs_join_and_what_the_header_denies_is_denied(string profile, bool noNewPrivileges)
    {
        (string[] denied, string[] allowed) = s_claims[profile];
        string[] names = [.. denied, .. allowed, "call-of-tomorrow"];
        Dictionary<string, int> answers = programs.AnswersUnder(profile, noNewPrivileges, names);

        Assert.All(denied.Where(name => name != "int80" || programs.HasThirtyTwoBitPrograms), name => Assert.True(
            name == "int80" ? answers[name] == 31 : answers[name] is Eperm or Enosys, $"{name} was answered {answers[name]}, expected EPERM or ENOSYS"));
        Assert.All(allowed, name => Assert.Equal(programs.WithoutProfile[name], answers[name]));
        Assert.All(names.Except(["call-of-tomorrow"]), name => Assert.False(programs.WithoutProfile[name] is Eperm or Enosys, $"{name} is denied without a profile, so it proves nothing"));
        Assert.Equal(Enosys, answers["call-of-tomorrow"]);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_runs_under_the_profile_that_is_made_for_it(string profile, string needs, bool noNewPrivileges)
    {
        Assert.SkipUnless(Command.Run("/bin/sh", ["-c", $"command -v {needs}"]).ExitCode == 0, $"{needs} is not on this machine");
        Assert.SkipUnless(
            needs != "java" || Command.Run("java", ["--list-modules"]).Text.Contains("jdk.compiler", StringComparison.Ordinal),
            "this machine's Java has no compiler (its module jdk.compiler), so it cannot run a source file");
        using Installation node = CatalogPrograms.Demanding(profile);
        using var container = new MachineContainer(
            node, spec => CatalogPrograms.Alone(spec, noNewPrivileges), s_programs.First(row => row.Profile == profile && row.Needs == needs).Line, programs.Files);

        Assert.Contains("works", container.Run().Succeeded().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pause_program_lives_under_the_sandbox_profile_and_ends_when_asked_to()
    {
        using Installation node = CatalogPrograms.Demanding("sandbox");
        using var container = new MachineContainer(node, static spec => CatalogPrograms.Alone(spec, noNewPrivileges: true), ["/pause"], programs.Files);

        container.RunDetached().Succeeded();

        Assert.Equal("call-of-tomorrow 38", container.Exec("/calls", "call-of-tomorrow").Succeeded().Text.Trim());
        container.Kill("TERM");
        Assert.True(container.HasEnded(TimeSpan.FromSeconds(20)), "it did not end on SIGTERM");
    }

    [Theory]
    [InlineData("", "unshare", Eperm)]
    [InlineData("CAP_SYS_ADMIN", "unshare", 0)]
    [InlineData("CAP_SYS_ADMIN", "add_key", Eperm)]
    public void Runtime_default_opens_what_a_capability_is_for(string capability, string call, int expected)
    {
        using Installation node = CatalogPrograms.Demanding("runtime-default");
        Assert.Equal(expected, programs.AnswersOf(node, spec => CatalogPrograms.Alone(spec, noNewPrivileges: true, capability), call)[call]);
        Assert.Equal(capability.Length > 0, node.Decisions[0].Changes.Any(static change => change.After.Contains("with SYS_ADMIN", StringComparison.Ordinal)));
    }

    [Fact]
    public void Runtime_default_opens_nothing_for_a_capability_that_a_policy_takes_away()
    {
        using Installation node = new Installation().Apply("""
            apiVersion: hardening/v1
            kind: Policy
            metadata: { name: less }
            spec: { seccomp: { profile: runtime-default }, capabilities: { keep: [CHOWN] } }
            """);
        Assert.Equal(Eperm, programs.AnswersOf(node, static spec => CatalogPrograms.Alone(spec, noNewPrivileges: true, "CAP_SYS_ADMIN"), "unshare")["unshare"]);
    }

    [Fact]
    public void What_audit_all_does_not_allow_outright_is_logged()
    {
        using Installation node = CatalogPrograms.Demanding("audit-all");
        using var container = new MachineContainer(node, static spec => CatalogPrograms.Alone(spec, noNewPrivileges: true), ["/bin/true"]);
        container.Run().Succeeded();
        Assert.Equal("SCMP_ACT_LOG", (string?)JsonNode.Parse(File.ReadAllBytes(container.ConfigFile))!["linux"]!["seccomp"]!["defaultAction"]);
    }

    private static TheoryData<string, bool> Twice(IEnumerable<string> profiles)
    {
        var rows = new TheoryData<string, bool>();
        foreach (string profile in profiles)
        {
            rows.Add(profile, true);
            rows.Add(profile, false);
        }

        return rows;
    }
}
