using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>The hook in the runtime's place below Debian's Podman: what its user does, and what its user sees.</summary>
[Collection(OnePodman.Name)]
public class PodmanTests(PodmanNode node)
{
    private static readonly ProcessStatus s_hardened = new(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter);

    private string[] Hook => ["--runtime", node.HookAs("runc")];

    [Fact]
    public void A_container_runs_hardened_and_prints_what_it_prints_and_nothing_else()
    {
        node.Installation.Apply(Policies.Everything);
        Outcome outcome = node.Run(Hook, ["--rm"], "/bin/sh", "-c", "echo out; echo err >&2; exit 3");
        Assert.Equal((3, "out\n", "err\n"), (outcome.ExitCode, outcome.Text, outcome.ErrorText));
        Assert.Equal(s_hardened, ProcessStatus.Parse(node.Run(Hook, ["--rm"], "/bin/probe", "status").Succeeded().Text));
        JournalEntry line = node.Installation.Decisions[^1];
        Assert.Equal(("podman", JournalDecision.Allow), (line.Engine, line.Decision));
    }

    [Fact]
    public void An_exec_that_asks_for_everything_gets_what_the_container_has()
    {
        node.Installation.Apply(Policies.Everything);
        string id = node.Start(Hook);
        ProcessStatus status = ProcessStatus.Parse(node.Podman(Hook, "exec", "--privileged", id, "/bin/probe", "status").Succeeded().Text);
        Assert.Equal(s_hardened, status);
        Assert.Equal(s_hardened, ProcessStatus.OfProcess(node.ProcessOf(id)));
    }

    [Fact]
    public async Task A_container_is_paused_killed_started_again_and_removed()
    {
        node.Installation.Apply(Policies.Everything);
        string id = node.Start(Hook);
        int first = node.ProcessOf(id);
        node.Podman(Hook, "pause", id).Succeeded();
        Assert.Equal("paused", node.Inspect(id, "{{.State.Status}}"));
        node.Podman(Hook, "unpause", id).Succeeded();
        node.Podman(Hook, "kill", id).Succeeded();
        node.Podman(Hook, "wait", id).Succeeded();
        Assert.Equal("exited", node.Inspect(id, "{{.State.Status}}"));
        // conmon calls the runtime's delete a moment after Podman has told the exit.
        await Wait.UntilAsync(() => !Directory.Exists($"/run/runc/{id}"), TimeSpan.FromSeconds(20), () => $"/run/runc/{id} is still there");
        node.Podman(Hook, "start", id).Succeeded();
        Assert.NotEqual(first, node.ProcessOf(id));
        Assert.Equal(s_hardened, ProcessStatus.OfProcess(node.ProcessOf(id)));
        node.Podman(Hook, "rm", "--force", "--time", "0", id).Succeeded();
        Assert.False(node.Podman(Hook, "container", "exists", id).ExitCode == 0);
    }

    [Fact]
    public void A_refused_container_tells_its_user_why_and_what_to_do()
    {
        node.Installation.Apply(Policies.NoRootAnywhere);
        Outcome outcome = node.Run(Hook, ["--rm"], "/bin/true").Failed();
        Assert.Contains("hardening-hook: policy 'no-root', require.user: the container runs as root", outcome.ErrorText, StringComparison.Ordinal);
        node.Run(Hook, ["--rm", "--user", "1000:1000"], "/bin/true").Succeeded();
    }

    [Fact]
    public void An_image_that_calls_itself_a_sandbox_is_hardened_as_the_workload_that_it_is()
    {
        // Podman 4 copies the annotations of an image's manifest into the spec of its containers.
        node.Installation.Apply(Policies.Workloads);
        const string Image = "localhost/sandbox:1";
        string folder = node.NewFolder();
        File.WriteAllText(Path.Combine(folder, "Containerfile"), $"FROM {TestImage.Name}\n");
        node.Podman(
            [], "build", "--quiet", "--network", "none", "--annotation", "io.kubernetes.cri.container-type=sandbox", "--annotation", "io.kubernetes.cri-o.ContainerType=sandbox",
            "--annotation", "io.container.manager=cri-o", "--tag", Image, folder).Succeeded();
        Assert.Equal(s_hardened, ProcessStatus.Parse(node.RunImage(Image, Hook, ["--rm"], "/bin/probe", "status").Succeeded().Text));
        JournalEntry line = node.Installation.Decisions[^1];
        Assert.Equal(("podman", JournalDecision.Allow, false), (line.Engine, line.Decision, line.Facts!.Sandbox));
        // Podman did hand them over: a policy that asks for one finds it.
        node.Installation.Apply(Policies.Annotated("io.kubernetes.cri.container-type", "sandbox"));
        node.RunImage(Image, Hook, ["--rm"], "/bin/true").Succeeded();
        Assert.Equal(["annotated"], node.Installation.Decisions[^1].Policies);
    }

    [Fact]
    public void A_container_that_no_policy_matches_has_what_Podman_gives()
    {
        node.Installation.Apply(Policies.Elsewhere);
        ProcessStatus plain = ProcessStatus.Parse(node.Run(["--runtime", Installation.RealRuntime], ["--rm"], "/bin/probe", "status").Succeeded().Text);
        Assert.Equal(plain, ProcessStatus.Parse(node.Run(Hook, ["--rm"], "/bin/probe", "status").Succeeded().Text));
        Assert.Equal(JournalDecision.Unmatched, node.Installation.Decisions[^1].Decision);
    }
}
