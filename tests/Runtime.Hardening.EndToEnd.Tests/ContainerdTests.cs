using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>What a real engine and its users see.</summary>
[Collection(OneContainerd.Name)]
public class ContainerdTests(ContainerdNode node)
{
    [Fact]
    public void The_kernel_confirms_every_field_of_a_hardened_container()
    {
        string id = node.Start(node.Hardened);
        ProcessStatus status = ProcessStatus.OfProcess(node.ProcessOf(node.Hardened, id));

        Assert.Equal(0ul, status.Bounding & ~ProcessStatus.NetBindService);
        Assert.Equal(0ul, status.Effective & ~ProcessStatus.NetBindService);
        Assert.Equal(0ul, status.Permitted & ~ProcessStatus.NetBindService);
        Assert.True(status.NoNewPrivileges);
        Assert.Equal(ProcessStatus.SeccompFilter, status.Seccomp);
    }

    [Fact]
    public void The_same_container_is_open_without_the_hook()
    {
        string id = node.Start(node.Hardened, throughHook: false);
        ProcessStatus status = ProcessStatus.OfProcess(node.ProcessOf(node.Hardened, id));

        Assert.NotEqual(0ul, status.Effective & ~ProcessStatus.NetBindService);
        Assert.False(status.NoNewPrivileges);
        Assert.Equal(0, status.Seccomp);
    }

    [Fact]
    public void An_exec_gets_no_more_than_the_hardened_init()
    {
        string id = node.Start(node.Hardened);
        ProcessStatus init = ProcessStatus.OfProcess(node.ProcessOf(node.Hardened, id));
        ProcessStatus exec = ProcessStatus.Parse(node.Exec(node.Hardened, id, "/bin/probe", "status").Succeeded().Text);

        Assert.Equal(0ul, exec.Bounding & ~init.Bounding);
        Assert.Equal(0ul, exec.Effective & ~init.Effective);
        Assert.Equal(0ul, exec.Permitted & ~init.Permitted);
        Assert.Equal(0ul, exec.Inheritable & ~init.Inheritable);
        Assert.Equal(0ul, exec.Ambient & ~init.Ambient);
        Assert.True(exec.NoNewPrivileges);
        Assert.Equal(ProcessStatus.SeccompFilter, exec.Seccomp);
    }

    [Fact]
    public void The_root_file_system_of_a_hardened_container_cannot_be_written()
    {
        string id = node.Start(node.Hardened);
        Assert.Equal("refused\tEROFS", node.Exec(node.Hardened, id, "/bin/probe", "write-root").Text.Trim());
    }

    [Fact]
    public void The_user_of_the_engine_reads_why_a_container_was_refused()
    {
        string error = node.TryStart(node.NoRoot, "root-is-refused").Failed().ErrorText;

        Assert.Contains("OCI runtime create failed", error, StringComparison.Ordinal);
        Assert.Contains("no-root", error, StringComparison.Ordinal);
        Assert.Contains("user", error, StringComparison.Ordinal);
        node.Ctr(node.NoRoot, "container", "rm", "root-is-refused");

        JournalEntry refusal = Assert.Single(node.Installation.Refusals, entry => entry.Id == "root-is-refused");
        Assert.Equal(JournalDecision.Refuse, refusal.Decision);
        Assert.Contains(refusal.Message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_that_no_policy_matches_runs_as_under_plain_runc()
    {
        string through = node.Start(node.Unmatched);
        string bare = node.Start(node.Unmatched, throughHook: false);

        Assert.Equal(
            ProcessStatus.OfProcess(node.ProcessOf(node.Unmatched, bare)), ProcessStatus.OfProcess(node.ProcessOf(node.Unmatched, through)));
        Assert.Equal(
            node.Exec(node.Unmatched, bare, "/bin/probe", "status").Succeeded().Text, node.Exec(node.Unmatched, through, "/bin/probe", "status").Succeeded().Text);
    }

    [Fact]
    public void Every_container_has_a_journal_line_and_a_record()
    {
        string hardened = node.Start(node.Hardened);
        string unmatched = node.Start(node.Unmatched);

        JournalEntry allow = Assert.Single(node.Installation.Decisions, entry => entry.Id == hardened && entry.Verb == "create");
        Assert.Equal(JournalDecision.Allow, allow.Decision);
        Assert.Equal(["hardened"], allow.Policies);
        Assert.Contains(allow.Changes, change => change.Path == "process.noNewPrivileges" && change.After == "true");
        Assert.Contains(allow.Findings, finding => finding.Rule == "require.user" && finding.Outcome == "report");

        JournalEntry none = Assert.Single(node.Installation.Decisions, entry => entry.Id == unmatched && entry.Verb == "create");
        Assert.Equal(JournalDecision.Unmatched, none.Decision);
        Assert.Empty(none.Changes);

        ContainerRecord record = node.Installation.ReadRecord(node.RuntimeRoot(node.Hardened), hardened);
        Assert.True(record.Ceiling!.NoNewPrivileges);
        Assert.True(record.Ceiling.Seccomp);
        Assert.Null(node.Installation.ReadRecord(node.RuntimeRoot(node.Unmatched), unmatched).Ceiling);
    }

    [Fact]
    public void Ordinary_work_goes_on_in_a_hardened_container()
    {
        string id = node.Start(node.Hardened);
        string text = node.Exec(node.Hardened, id, "/bin/sh", "-c", "echo work > /dev/shm/file && cat /dev/shm/file && ls / | cat && id -u").Succeeded().Text;
        Assert.StartsWith("work\n", text, StringComparison.Ordinal);
        Assert.EndsWith("0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_can_be_stopped_and_removed()
    {
        string id = node.Start(node.Hardened);
        int pid = node.ProcessOf(node.Hardened, id);
        node.Ctr(node.Hardened, "task", "kill", "--signal", "SIGKILL", id).Succeeded();
        node.Ctr(node.Hardened, "task", "rm", "--force", id);
        node.Ctr(node.Hardened, "container", "rm", id).Succeeded();
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }
}
