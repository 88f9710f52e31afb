using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>What CRI-O gives its runtime, given to the hook and real runc.</summary>
public class CriOTests(TestImage image)
{
    private const string Pods = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: front }
        spec:
          match: [ { engines: [cri-o], namespaces: ["web-*"], pods: ["front-*"], names: [front], images: ["registry.example.org/shop/*:1"] } ]
          seccomp: { profile: restricted }
          capabilities: { keep: [] }
          noNewPrivileges: true
        ---
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: sandboxes }
        spec: { extends: [sandbox] }
        """;

    private static readonly ProcessStatus s_hardened = new(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter);

    [Fact]
    public void A_pods_container_and_its_execs_are_hardened_by_a_policy_that_knows_pod_container_and_image()
    {
        using Installation node = new Installation().Apply(Pods);
        using var container = new CriOContainer(node, image, "container");

        container.Create().Succeeded();
        container.Call("start", container.Id).Succeeded();

        Assert.Equal(s_hardened, ProcessStatus.OfProcess(container.Process));
        Assert.Equal(s_hardened, ProcessStatus.Parse(container.Exec("/bin/probe", "status").Succeeded().Text));
        JournalEntry line = node.Decisions[0];
        Assert.Equal(("create", "cri-o", "front"), (line.Verb, line.Engine, string.Join(' ', line.Policies)));
        Assert.Equal(new JournalFacts("web-1", "front-0", "front", "registry.example.org/shop/frontend:1", false, false), line.Facts);

        container.Call("kill", container.Id, "9").Succeeded();
        container.Call("delete", "--force", container.Id).Succeeded();
        Assert.NotEqual(0, container.Call("state", container.Id).ExitCode);
    }

    [Fact]
    public void What_no_policy_asks_about_stays_as_CriO_wrote_it()
    {
        using Installation node = new Installation().Apply(Pods);
        using var container = new CriOContainer(node, image, "container");
        container.Create().Succeeded();

        JsonObject written = container.Written, engines = container.Spec;
        Assert.Equal(
            ["linux.seccomp", "process.capabilities", "process.noNewPrivileges"],
            node.Decisions[0].Changes.Select(static change => string.Join('.', change.Path.Split('.')[..2])).Distinct().Order());
        foreach (JsonObject spec in new[] { written, engines })
        {
            spec["linux"]!.AsObject().Remove("seccomp");
            spec["process"]!.AsObject().Remove("capabilities");
            spec["process"]!.AsObject().Remove("noNewPrivileges");
        }

        Assert.Equal(engines.ToJsonString(), written.ToJsonString());
    }

    [Fact]
    public void A_sandbox_is_treated_as_a_sandbox()
    {
        using Installation node = new Installation().Apply(Pods);
        using var sandbox = new CriOContainer(node, image, "sandbox");

        sandbox.Create().Succeeded();
        sandbox.Call("start", sandbox.Id).Succeeded();

        Assert.Equal(s_hardened, ProcessStatus.OfProcess(sandbox.Process));
        JournalEntry line = Assert.Single(node.Decisions);
        Assert.Equal(("cri-o", "sandboxes"), (line.Engine, string.Join(' ', line.Policies)));
        Assert.Equal(new JournalFacts("web-1", "front-0", "POD", "registry.example.org/pause:3.10", true, false), line.Facts);
    }

    [Fact]
    public void A_pods_author_cannot_make_its_containers_somebody_else()
    {
        using Installation node = new Installation().Apply(Pods);
        using var container = new CriOContainer(node, image, "container", new Dictionary<string, string>
        {
            ["io.kubernetes.cri.container-type"] = "sandbox",
            ["io.kubernetes.cri.sandbox-namespace"] = "kube-system",
            ["io.kubernetes.cri.sandbox-name"] = "trusted",
            ["io.kubernetes.cri.container-name"] = "trusted",
            ["io.kubernetes.cri.image-name"] = "trusted",
        });

        container.Create().Succeeded();

        JournalEntry line = Assert.Single(node.Decisions);
        Assert.Equal("front", Assert.Single(line.Policies));
        Assert.Equal(new JournalFacts("web-1", "front-0", "front", "registry.example.org/shop/frontend:1", false, false), line.Facts);
    }

    [Fact]
    public void A_refused_container_says_so_in_the_one_line_that_CriO_passes_on()
    {
        using Installation node = new Installation().Apply(Policies.NoRootAnywhere);
        using var container = new CriOContainer(node, image, "container");

        Outcome outcome = container.Create();

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Text));
        Assert.Equal($"hardening-hook: {Assert.Single(node.Refusals).Message}", Assert.Single(outcome.ErrorText.TrimEnd('\n').Split('\n')));
        Assert.Contains("policy 'no-root', require.user: the container runs as root", outcome.ErrorText, StringComparison.Ordinal);
        Assert.NotEqual(0, container.Call("state", container.Id).ExitCode);
    }
}
