using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>Podman with plain runc and our hook files: what its containers get, and what its user reads.</summary>
[Collection(OnePodman.Name)]
public class PodmanHookTests(PodmanNode node)
{
    private const string Precreate = "podman/50-hardening-precreate.json", Gate = "50-hardening-gate.json";
    private static readonly string[] s_plainRunc = ["--runtime", Installation.RealRuntime];

    private string[] WithHooks(string[] runtime, params string[] files)
    {
        string folder = node.NewFolder();
        foreach (string file in files)
        {
            node.InstallHook(file, folder);
        }

        return [.. runtime, "--hooks-dir", folder];
    }

    [Fact]
    public void Without_our_files_the_container_has_what_Podman_gives()
    {
        node.Installation.Apply(Policies.Everything);
        ProcessStatus status = ProcessStatus.OfProcess(node.ProcessOf(node.Start(s_plainRunc)));
        Assert.NotEqual(0ul, status.Effective);
        Assert.False(status.NoNewPrivileges);
    }

    [Fact]
    public void The_precreate_file_hardens_a_container_of_plain_runc()
    {
        node.Installation.Apply(Policies.Everything);
        string id = node.Start(WithHooks(s_plainRunc, Precreate));
        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), ProcessStatus.OfProcess(node.ProcessOf(id)));

        JournalEntry line = Assert.Single(node.Installation.Decisions, line => line.Id == id);
        Assert.Equal(("precreate", "podman", JournalDecision.Allow), (line.Verb, line.Engine, line.Decision));
        Assert.Equal(["everything"], node.Installation.ReadRecord("", id).Policies);
    }

    [Fact]
    public void An_exec_through_the_hook_is_held_to_the_record_of_the_filter()
    {
        node.Installation.Apply(Policies.Everything);
        string id = node.Start(WithHooks(["--runtime", node.HookAs("runc")], Precreate));
        ProcessStatus exec = ProcessStatus.Parse(node.Podman(["--runtime", node.HookAs("runc")], "exec", "--privileged", id, "/bin/probe", "status").Succeeded().Text);
        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), exec);
    }

    [Fact]
    public void Filter_and_wrapper_together_give_what_either_gives()
    {
        node.Installation.Apply(Policies.Everything);
        string id = node.Start(WithHooks(["--runtime", node.HookAs("runc")], Precreate, Gate));
        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), ProcessStatus.OfProcess(node.ProcessOf(id)));

        JournalEntry[] lines = [.. node.Installation.Decisions.Where(line => line.Id == id)];
        Assert.Equal(["precreate", "create"], lines.Select(static line => line.Verb));
        // Podman writes the profile anew, so the wrapper may put ours back in its own spelling; all else is as it should be already.
        Assert.DoesNotContain(lines[1].Changes, static change => change.Path != "linux.seccomp");
    }

    [Fact]
    public void The_gate_lets_a_container_of_the_filter_pass()
    {
        node.Installation.Apply(Policies.Everything);
        string id = node.Start(WithHooks(s_plainRunc, Precreate, Gate));
        Assert.True(ProcessStatus.OfProcess(node.ProcessOf(id)).NoNewPrivileges);
        Assert.DoesNotContain(node.Installation.Decisions, line => line.Id == id && line.Verb == "gate");
    }

    [Fact]
    public void The_gate_lets_a_container_of_the_wrapper_pass()
    {
        node.Installation.Apply(Policies.Everything);
        Assert.True(ProcessStatus.OfProcess(node.ProcessOf(node.Start(WithHooks(["--runtime", node.HookAs("runc")], Gate)))).NoNewPrivileges);
    }

    [Fact]
    public void The_gate_refuses_plain_runc_and_the_user_reads_why()
    {
        node.Installation.Apply(Policies.Everything);
        string error = node.Run(WithHooks(s_plainRunc, Gate), ["--rm"], "/bin/true").Failed().ErrorText;
        Assert.Contains("OCI runtime", error, StringComparison.Ordinal);
        Assert.Contains("was started through a runtime entry that does not go through hardening-hook; policy 'everything' would have changed its", error, StringComparison.Ordinal);
    }

    // No wish of ours, but what node.md and `hardenctl node status` warn of. A Podman that refuses instead would be better: then correct both.
    [Fact]
    public void This_Podman_passes_over_a_hook_file_whose_program_is_missing_and_starts_the_container_bare()
    {
        node.Installation.Apply(Policies.Everything);
        string[] hooks = WithHooks(s_plainRunc, Precreate, Gate);
        foreach (string file in Directory.GetFiles(hooks[^1]))
        {
            File.WriteAllText(file, File.ReadAllText(file).Replace(Published.Hook, "/nonexistent/hardening-hook", StringComparison.Ordinal));
            Assert.Contains("/nonexistent/hardening-hook", File.ReadAllText(file), StringComparison.Ordinal);
        }

        Assert.False(ProcessStatus.OfProcess(node.ProcessOf(node.Start(hooks))).NoNewPrivileges);
    }

    [Fact]
    public void A_container_that_was_hardened_once_does_not_get_past_the_gate_without_it()
    {
        // Podman writes config.json anew at each start, into the same folder and under the same id.
        node.Installation.Apply(Policies.Everything);
        string id = node.Start(WithHooks(s_plainRunc, Precreate, Gate));
        node.Podman(s_plainRunc, "stop", "--time", "0", id).Succeeded();
        string error = node.Podman(WithHooks(s_plainRunc, Gate), "start", id).Failed().ErrorText;
        Assert.Contains("is not as hardening-hook left it (policy 'everything')", error, StringComparison.Ordinal);
        Assert.Contains("process.noNewPrivileges is no longer true", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_that_the_filter_refuses_is_named_to_the_user_and_explained_in_the_journal()
    {
        node.Installation.Apply(Policies.NoRootAnywhere);
        Outcome outcome = node.Run(WithHooks(s_plainRunc, Precreate), ["--name", "refused-by-filter"], "/bin/true").Failed();
        // Podman shows which hook failed and drops what it wrote to standard error.
        Assert.Contains("executing [hardening-hook precreate]: exit status 1", outcome.ErrorText, StringComparison.Ordinal);
        JournalEntry refusal = Assert.Single(node.Installation.Refusals, line => line.Id == node.Inspect("refused-by-filter", "{{.Id}}"));
        Assert.Equal("precreate", refusal.Verb);
        Assert.Contains("the container runs as root", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_policy_matches_starts_as_Podman_described_it()
    {
        node.Installation.Apply(Policies.Elsewhere);
        ProcessStatus bare = ProcessStatus.OfProcess(node.ProcessOf(node.Start(s_plainRunc)));
        Assert.Equal(bare, ProcessStatus.OfProcess(node.ProcessOf(node.Start(WithHooks(s_plainRunc, Precreate, Gate)))));
    }

    [Fact]
    public void The_shipped_containers_conf_makes_Podman_read_both_folders()
    {
        node.Installation.Apply(Policies.Everything);
        string folder = node.NewFolder(), shipped = "/usr/share/containers/oci/hooks.d", own = "/etc/hardening/podman-hooks.d";
        string text = File.ReadAllText(Path.Combine(Published.Repository, "packaging/hooks/podman/50-hardening-hooks.conf"));
        foreach (string path in new[] { shipped, "/etc/containers/oci/hooks.d", own })
        {
            Assert.Contains($"\"{path}\"", text, StringComparison.Ordinal);
            text = text.Replace($"\"{path}\"", $"\"{Directory.CreateDirectory(folder + path).FullName}\"", StringComparison.Ordinal);
        }

        node.InstallHook(Gate, folder + shipped);
        node.InstallHook(Precreate, folder + own);
        string file = Path.Combine(folder, "containers.conf");
        File.WriteAllText(file, text);
        node.Environment["CONTAINERS_CONF"] = file;
        try
        {
            string id = node.Start(s_plainRunc);
            Assert.True(ProcessStatus.OfProcess(node.ProcessOf(id)).NoNewPrivileges);
            File.Delete(Path.Combine(folder + own, Path.GetFileName(Precreate)));
            Assert.Contains("does not go through hardening-hook", node.Run(s_plainRunc, ["--rm"], "/bin/true").Failed().ErrorText, StringComparison.Ordinal);
        }
        finally
        {
            node.Environment.Remove("CONTAINERS_CONF");
        }
    }
}
