using Runtime.Hardening.Cri;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>Pods as a kubelet makes them, through containerd's CRI. They share the node's network, so that no network plugin is needed.</summary>
public class CriTests(TestImage image)
{
    private const string Front = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: front }
        spec:
          match: [ { namespaces: ["web-*"], pods: ["front-*"], names: [front], images: ["hardening.invalid/probe:*"] } ]
          seccomp: { profile: restricted }
          capabilities: { keep: [] }
          noNewPrivileges: true
        ---
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: sandboxes }
        spec: { extends: [sandbox] }
        ---
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: no-root }
        spec:
          match: [ { namespaces: [strict] } ]
          require: { user: { nonRoot: true, otherwise: refuse } }
        """;

    private static readonly ProcessStatus s_hardened = new(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter);
    private static readonly string[] s_wait = ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait"];

    [Fact]
    public async Task A_pods_sandbox_container_and_exec_are_hardened_by_policies_that_know_pod_and_image()
    {
        await using CriNode node = await CriNode.StartAsync(image, Front);
        PodRequest pod = node.Pod("web-1", "front-0");
        string sandbox = await node.RunPodAsync(pod);
        string id = await node.Client.RunContainerAsync(pod, sandbox, new ContainerRequest("front", TestImage.Name, s_wait));

        Assert.Equal(s_hardened, ProcessStatus.OfProcess(node.ProcessOf(sandbox)));
        Assert.Equal(s_hardened, ProcessStatus.OfProcess(node.ProcessOf(id)));
        Assert.Equal(s_hardened, ProcessStatus.Parse((await node.Client.ExecAsync(id, ["/bin/probe", "status"])).Output));
        JournalEntry[] lines = [.. node.Installation.Decisions];
        Assert.Equal([("create", true, "sandboxes"), ("create", false, "front"), ("exec", false, "front")],
            lines.Select(static line => (line.Verb, line.Facts?.Sandbox ?? false, string.Join(' ', line.Policies))));
        Assert.Equal(new JournalFacts("web-1", "front-0", "front", TestImage.Name, false, false), lines[1].Facts);

        await node.Client.StopContainerAsync(id, 10);
        Assert.Equal(("CONTAINER_EXITED", 0), await node.Client.StateAsync(id));
        await node.Client.RemoveContainerAsync(id);
    }

    [Fact]
    public async Task A_refused_container_tells_the_kubelet_why()
    {
        await using CriNode node = await CriNode.StartAsync(image, Front);
        PodRequest pod = node.Pod("strict", "back-0");
        string sandbox = await node.RunPodAsync(pod);

        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => node.Client.RunContainerAsync(pod, sandbox, new ContainerRequest("back", TestImage.Name, s_wait)));
        Assert.Contains("hardening-hook: policy 'no-root', require.user: the container runs as root", error.Message, StringComparison.Ordinal);

        string id = await node.Client.RunContainerAsync(pod, sandbox, new ContainerRequest("front", TestImage.Name, s_wait) { User = 1000 });
        Assert.Equal("CONTAINER_RUNNING", (await node.Client.StateAsync(id)).State);
    }
}
