using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>The gate in the spec that containerd's other entries begin with, made by the very commands of the manual.</summary>
[Collection(OneContainerd.Name)]
public partial class ContainerdGateTests(ContainerdNode node, TestImage image)
{
    [Fact]
    public void An_entry_with_the_gated_spec_starts_only_what_comes_through_the_hook()
    {
        string spec = GatedSpec("gated");

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
        node.TryStartSpec(node.Unmatched, "gated-unmatched", GatedSpec("unmatched"), throughHook: false).Succeeded();
        Assert.DoesNotContain(node.Installation.Decisions, static line => line.Id == "gated-unmatched");
    }

    private string GatedSpec(string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(node.Installation.Folder, name)).FullName, result = Path.Combine(folder, "gated-spec.json");
        JsonNode gate = JsonNode.Parse(File.ReadAllText(Path.Combine(Published.Repository, "packaging/hooks/50-hardening-gate.json")))!;
        gate["hook"]!["path"] = Published.Hook;
        gate["hook"]!["env"]!.AsArray().Add($"HARDENING_CONFIG={node.Installation.Settings}");
        File.WriteAllText(Path.Combine(folder, "gate.json"), gate.ToJsonString());

        Match recipe = Recipe().Match(File.ReadAllText(Path.Combine(Published.Repository, "packaging/docs/node.md")));
        Assert.True(recipe.Success, "packaging/docs/node.md no longer has the commands that put the gate into a base spec");
        string commands = recipe.Groups["commands"].Value
            .Replace("packaging/hooks/50-hardening-gate.json", Path.Combine(folder, "gate.json"), StringComparison.Ordinal)
            .Replace("/etc/containerd/gated-spec.json", result, StringComparison.Ordinal);
        Assert.DoesNotContain("/etc/", commands, StringComparison.Ordinal);
        Command.Run("/bin/bash", ["-euo", "pipefail", "-c", commands]).Succeeded();

        // CRI fills in the container's own; here it is the test.
        JsonNode spec = JsonNode.Parse(File.ReadAllText(result))!;
        Assert.Single(spec["hooks"]!["createRuntime"]!.AsArray());
        spec["root"]!["path"] = image.RootFilesystem;
        spec["process"]!["args"] = new JsonArray("/bin/sleep", "600");
        spec["process"]!["noNewPrivileges"] = false;
        spec["process"]!.AsObject().Remove("rlimits");
        spec["linux"]!["cgroupsPath"] = $"/{node.Hardened}/{name}";
        File.WriteAllText(result, spec.ToJsonString());
        return result;
    }

    [GeneratedRegex(@"```sh\n(?<commands>ctr oci spec [^`]*)```")]
    private static partial Regex Recipe();
}
