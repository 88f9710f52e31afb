using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>The hook as the default runtime of Debian's Docker: what its user does, and what its user sees.</summary>
[Collection(OneDocker.Name)]
public class DockerTests(DockerNode node)
{
    private const string Refusal = "hardening-hook: policy 'no-root', require.user: the container runs as root";
    private static readonly ProcessStatus s_hardened = new(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter);
    private static readonly string[] s_plainRunc = ["--runtime", "runc"], s_asMuchAsThereIs = ["--memory", "1g", "--memory-swap", "-1", "--pids-limit", "-1", "--cpus", "2"];
    private static readonly string[] s_aboutRuntimes = ["runtime", "runc", "hardened", "hardening", "version", "retrieve"];

    [Fact]
    public void A_container_runs_hardened_and_prints_what_it_prints_and_nothing_else()
    {
        node.Installation.Apply(Policies.Everything);
        Outcome outcome = node.Run(["--rm"], "/bin/sh", "-c", "echo out; echo err >&2; exit 3");
        Assert.Equal((3, "out\n", "err\n"), (outcome.ExitCode, outcome.Text, outcome.ErrorText));

        string id = node.Start();
        Assert.Equal(s_hardened, ProcessStatus.OfProcess(node.ProcessOf(id)));
        JournalEntry line = Assert.Single(node.Installation.Decisions, line => line.Id == id);
        Assert.Equal(("create", "docker", JournalDecision.Allow), (line.Verb, line.Engine, line.Decision));
        // Docker's own profile is narrowed, not only kept.
        Assert.Contains(line.Changes, static change => change.Path == "linux.seccomp" && change.Policy == "everything");
    }

    [Fact]
    public void The_same_container_is_open_without_the_hook()
    {
        ProcessStatus status = ProcessStatus.OfProcess(node.ProcessOf(node.Start(s_plainRunc)));
        Assert.NotEqual(0ul, status.Effective);
        Assert.False(status.NoNewPrivileges);
    }

    [Theory]
    [InlineData]
    [InlineData("--privileged")]
    public void An_exec_gets_what_the_container_has_however_much_it_asks_for(params string[] options)
    {
        node.Installation.Apply(Policies.Everything);
        string id = node.Start();
        Assert.Equal(s_hardened, ProcessStatus.Parse(node.Docker(["exec", .. options, id, "/bin/probe", "status"]).Succeeded().Text));

        // Plain runc does as it is told: else the above would prove nothing. Where root itself does not have all that --privileged asks for, it fails.
        Outcome plain = node.Docker(["exec", .. options, node.Start(s_plainRunc), "/bin/probe", "status"]);
        if (plain.ExitCode == 0)
        {
            Assert.NotEqual(0ul, ProcessStatus.Parse(plain.Text).Effective);
            Assert.False(ProcessStatus.Parse(plain.Text).NoNewPrivileges);
        }
        else
        {
            Assert.Contains("unable to apply caps: operation not permitted", plain.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_container_is_paused_killed_started_again_and_removed_and_nothing_of_it_is_left()
    {
        node.Installation.Apply(Policies.Everything);
        string id = node.Start(), record = node.RecordOf(id);
        int first = node.ProcessOf(id);
        node.Docker("pause", id).Succeeded();
        Assert.Equal("paused", node.Inspect(id, "{{.State.Status}}"));
        node.Docker("unpause", id).Succeeded();
        node.Docker("kill", id).Succeeded();
        node.Docker("wait", id).Succeeded();
        Assert.Equal("exited 137", node.Inspect(id, "{{.State.Status}} {{.State.ExitCode}}"));
        node.Docker("start", id).Succeeded();
        Assert.NotEqual(first, node.ProcessOf(id));
        Assert.Equal(s_hardened, ProcessStatus.OfProcess(node.ProcessOf(id)));
        Assert.Equal(["cgroup", "file", "process"], node.LeftOf(id).Select(static line => line.Split(' ')[0]).Distinct().Order());
        Assert.True(File.Exists(record), $"{record} not found");
        Sweep(record);
        Assert.True(File.Exists(record), "the record of a running container was swept");

        node.Docker("rm", "--force", id).Succeeded();

        Assert.NotEqual(0, node.Docker("inspect", id).ExitCode);
        await NothingIsLeftOf(id);
        Sweep(record);
        Assert.False(File.Exists(record), "the record stays although the container is gone");
    }

    [Fact]
    public async Task A_refused_container_tells_its_user_why_and_what_to_do()
    {
        node.Installation.Apply(Policies.NoRootAnywhere);
        Outcome outcome = node.Run(["--name", "refused"], "/bin/true").Failed();
        Assert.Equal((125, ""), (outcome.ExitCode, outcome.Text));
        Assert.StartsWith("docker: Error response from daemon: ", outcome.ErrorText, StringComparison.Ordinal);
        Assert.Contains($"OCI runtime create failed: {Refusal}", outcome.ErrorText, StringComparison.Ordinal);
        string id = node.Inspect("refused", "{{.Id}}");
        Assert.Equal("docker", Assert.Single(node.Installation.Refusals, line => line.Id == id).Engine);

        // Whoever starts it again reads the same.
        Assert.Contains(Refusal, node.Docker("start", id).Failed().ErrorText, StringComparison.Ordinal);
        Assert.Contains(Refusal, node.Inspect(id, "{{.State.Error}}"), StringComparison.Ordinal);
        node.Docker("rm", id).Succeeded();
        await NothingIsLeftOf(id);

        node.Run(["--rm", "--user", "1000:1000"], "/bin/true").Succeeded();
    }

    [Fact]
    public void An_update_lifts_no_bound_of_a_policy()
    {
        node.Installation.Apply(Policies.Bounded);
        string id = node.Start(), plain = node.Start(s_plainRunc);
        (string, string, string) bounds = ("64", "67108864", "50000 100000");
        Assert.Equal(bounds, Limits(id));

        node.Docker(["update", .. s_asMuchAsThereIs, id]).Succeeded();
        Assert.Equal(bounds, Limits(id));
        JournalEntry line = node.Installation.Decisions[^1];
        Assert.Equal(("update", "docker", id), (line.Verb, line.Engine, line.Id));

        // What is tighter reaches the kernel, and plain runc does what it is told: else the above would prove nothing.
        node.Docker("update", "--pids-limit", "20", id).Succeeded();
        Assert.Equal("20", node.CgroupOf(id).Pids);
        node.Docker(["update", .. s_asMuchAsThereIs, plain]).Succeeded();
        Assert.Equal(("max", "1073741824", "200000 100000"), Limits(plain));
    }

    [Fact]
    public void Docker_reads_the_version_of_the_real_runtime_and_has_nothing_to_say_about_ours()
    {
        // dockerd asks its default runtime for the version each time.
        JsonNode runtime = JsonNode.Parse(node.Docker("version", "--format", "{{json .Server}}").Succeeded().Text)!["Components"]!.AsArray()
            .Single(static component => component!["Name"]!.GetValue<string>() == "hardened")!;
        string[] own = Command.Run(Installation.RealRuntime, ["--version"]).Succeeded().Text.Split('\n');
        Assert.Equal($"runc version {runtime["Version"]}", own[0]);
        Assert.Contains($"commit: {runtime["Details"]!["GitCommit"]}", own);

        Outcome info = node.Docker("info", "--format", "{{.DefaultRuntime}} {{.RuncCommit.ID}}").Succeeded();
        Assert.Equal(("hardened", ""), (info.Text.Split(' ')[0], info.ErrorText));
        Assert.Equal($"commit: {info.Text.Split(' ')[1].Trim()}", own[1]);
        Assert.DoesNotContain(node.Warnings, static line => s_aboutRuntimes.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void A_container_that_no_policy_matches_has_what_Docker_gives()
    {
        node.Installation.Apply(Policies.Elsewhere);
        string id = node.Start();
        Assert.Equal(ProcessStatus.OfProcess(node.ProcessOf(node.Start(s_plainRunc))), ProcessStatus.OfProcess(node.ProcessOf(id)));
        Assert.Equal(JournalDecision.Unmatched, Assert.Single(node.Installation.Decisions, line => line.Id == id).Decision);
    }

    // The shim ends a moment after dockerd has answered.
    private Task NothingIsLeftOf(string id)
        => Wait.UntilAsync(() => node.LeftOf(id).Count == 0, TimeSpan.FromSeconds(10), () => $"still there:\n{string.Join('\n', node.LeftOf(id))}");

    private (string Pids, string Memory, string Cpu) Limits(string id) => (node.CgroupOf(id).Pids, node.CgroupOf(id).Memory, node.CgroupOf(id).Cpu);

    // What the hook and hardeningd do with records that are older than five minutes.
    private static void Sweep(string record)
        => StaleRecord.RemoveIfGone(record, TimeProvider.System.GetUtcNow().AddMinutes(6), static path => ContainerRecord.Read(File.ReadAllBytes(path)));
}
