using System.Globalization;
using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>A fresh installation hardens pause containers, so a program that does what those of Kubernetes do must not notice.</summary>
public class SandboxTests(TestImage image)
{
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

        PauseProgram.Build(Path.Combine(root, "pause"));
    }
}
