using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>The gate in the spec that containerd's other entries begin with, where no CRI fills it in.</summary>
[Collection(OneContainerd.Name)]
public class ContainerdGateTests(ContainerdNode node, TestImage image)
{
    [Fact]
    public void An_entry_with_the_gated_spec_starts_only_what_comes_through_the_hook()
    {
        string spec = SpecOf(node.Hardened, "gated");

        string error = node.TryStartSpec(node.Hardened, "gated-plain", spec, throughHook: false).Failed().ErrorText;
        Assert.Contains("hardening-hook: container 'gated-plain' was started through a runtime entry that does not go through hardening-hook", error, StringComparison.Ordinal);
        Assert.Contains("policy 'hardened' would have changed its", error, StringComparison.Ordinal);
        Assert.Equal("gate", node.Installation.Refusals[^1].Verb);

        node.TryStartSpec(node.Hardened, "gated-hook", spec, throughHook: true).Succeeded();
        Assert.True(ProcessStatus.OfProcess(node.ProcessOf(node.Hardened, "gated-hook")).NoNewPrivileges);
    }

    [Fact]
    public void A_container_that_no_policy_matches_passes_the_gate_of_plain_runc()
    {
        node.TryStartSpec(node.Unmatched, "gated-unmatched", SpecOf(node.Unmatched, "unmatched"), throughHook: false).Succeeded();
        Assert.DoesNotContain(node.Installation.Decisions, static line => line.Id == "gated-unmatched");
    }

    private string SpecOf(string engineNamespace, string name)
    {
        string result = GatedSpec.Make(node.Installation, name);
        // CRI fills in the container's own; here it is the test.
        JsonNode spec = JsonNode.Parse(File.ReadAllText(result))!;
        spec["root"]!["path"] = image.RootFilesystem;
        spec["process"]!["args"] = new JsonArray("/bin/sleep", "600");
        spec["process"]!["noNewPrivileges"] = false;
        spec["process"]!.AsObject().Remove("rlimits");
        spec["linux"]!["cgroupsPath"] = $"/{engineNamespace}/{name}";
        File.WriteAllText(result, spec.ToJsonString());
        return result;
    }
}
