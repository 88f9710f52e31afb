using System.Globalization;
using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>A fresh installation hardens pause containers, so a program that does what those of Kubernetes do must not notice.</summary>
public class SandboxTests(TestImage image)
{
    // Process 1 of a pod: ends on SIGINT and SIGTERM, reaps whatever is left to it, sleeps. At the start it leaves itself somebody to reap.
    private const string Pause = """
        #include <signal.h>
        #include <stdlib.h>
        #include <sys/wait.h>
        #include <unistd.h>
        static void end(int signal) { (void)signal; exit(0); }
        static void reap(int signal) { (void)signal; while (waitpid(-1, NULL, WNOHANG) > 0) { } }
        int main(void)
        {
            struct sigaction ending = { .sa_handler = end }, reaping = { .sa_handler = reap, .sa_flags = SA_NOCLDSTOP };
            if (sigaction(SIGINT, &ending, NULL) != 0 || sigaction(SIGTERM, &ending, NULL) != 0 || sigaction(SIGCHLD, &reaping, NULL) != 0) { return 3; }
            if (fork() == 0) { if (fork() == 0) { usleep(200000); } _exit(0); }
            for (;;) { pause(); }
        }
        """;

    [Fact]
    public async Task A_pause_container_lives_reaps_and_ends_under_the_sandbox_policy()
    {
        using Installation node = new Installation().Apply("""
            apiVersion: hardening/v1
            kind: Policy
            metadata: { name: sandboxes }
            spec: { extends: [sandbox] }
            """);
        using var bundle = new TestBundle(image, "/pause") { StateName = "k8s.io" };
        Build(Path.Combine(bundle.Path, "rootfs"));
        JsonNode spec = JsonNode.Parse(File.ReadAllBytes(bundle.ConfigFile))!;
        spec["root"] = new JsonObject { ["path"] = "rootfs" };
        spec["process"]!["user"] = new JsonObject { ["uid"] = 65535, ["gid"] = 65535 };
        spec["annotations"] = new JsonObject { ["io.kubernetes.cri.container-type"] = "sandbox" };   // believed below the root of containerd's CRI
        File.WriteAllText(bundle.ConfigFile, spec.ToJsonString());

        node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();

        Assert.Equal(["sandboxes"], Assert.Single(node.Decisions).Policies);
        int pid = JsonNode.Parse(node.Hook("--root", bundle.Root, "state", bundle.Id).Succeeded().Output)!["pid"]!.GetValue<int>();
        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), ProcessStatus.OfProcess(pid));
        await Wait.UntilAsync(() => Children(pid).Length == 0, TimeSpan.FromSeconds(20), () => $"not reaped: {Children(pid)}");
        node.Hook("--root", bundle.Root, "kill", bundle.Id, "TERM").Succeeded();
        await Wait.UntilAsync(
            () => node.Hook("--root", bundle.Root, "state", bundle.Id).Text.Contains("\"stopped\"", StringComparison.Ordinal), TimeSpan.FromSeconds(20), () => "it did not end on SIGTERM");
    }

    private static string Children(int pid) => File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task/{pid}/children")).Trim();

    private static void Build(string root)
    {
        foreach (string folder in (string[])["dev", "proc", "sys"])
        {
            Directory.CreateDirectory(Path.Combine(root, folder));
        }

        string source = Path.Combine(root, "pause.c");
        File.WriteAllText(source, Pause);
        Command.Run("gcc", ["-O2", "-static", "-o", Path.Combine(root, "pause"), source]).Succeeded();
    }
}
