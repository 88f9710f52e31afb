using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>The gate in the spec that containerd's other entries begin with, as packaging/docs/node.md tells to make it: by its commands and its lines of configuration.</summary>
public static partial class GatedSpec
{
    private const string Shipped = "packaging/hooks/50-hardening-gate.json", Result = "/etc/containerd/gated-spec.json";

    private static string Manual => File.ReadAllText(Path.Combine(Published.Repository, "packaging/docs/node.md"));

    /// <summary>Runs the manual's commands, but for the paths of this installation, and gives the file that they make.</summary>
    public static string Make(Installation installation, string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(installation.Folder, name)).FullName, gate = Path.Combine(folder, "gate.json"), result = Path.Combine(folder, "gated-spec.json");
        JsonNode hook = JsonNode.Parse(File.ReadAllText(Path.Combine(Published.Repository, Shipped)))!;
        hook["hook"]!["path"] = Published.Hook;
        hook["hook"]!["env"]!.AsArray().Add($"HARDENING_CONFIG={installation.Settings}");
        File.WriteAllText(gate, hook.ToJsonString());

        Match recipe = Commands().Match(Manual);
        Assert.True(recipe.Success, "packaging/docs/node.md no longer has the commands that put the gate into a base spec");
        string commands = recipe.Groups["commands"].Value.Replace(Shipped, gate, StringComparison.Ordinal).Replace(Result, result, StringComparison.Ordinal);
        Assert.DoesNotContain("/etc/", commands, StringComparison.Ordinal);
        Command.Run("/bin/bash", ["-euo", "pipefail", "-c", commands]).Succeeded();
        Assert.Single(JsonNode.Parse(File.ReadAllText(result))!["hooks"]!["createRuntime"]!.AsArray());
        return result;
    }

    /// <summary>The manual's lines for the entry <c>runc</c> of containerd 1.6 and 1.7, with the file that <see cref="Make"/> gave.</summary>
    public static string EntryOf(string file)
    {
        Match lines = Entry().Match(Manual);
        Assert.True(lines.Success, "packaging/docs/node.md no longer has the lines that give an entry of containerd the gated spec");
        string text = lines.Groups["lines"].Value.Replace(Result, file, StringComparison.Ordinal);
        Assert.DoesNotContain("/etc/", text, StringComparison.Ordinal);
        return text;
    }

    [GeneratedRegex(@"```sh\n(?<commands>ctr oci spec [^`]*)```")]
    private static partial Regex Commands();

    [GeneratedRegex(@"```toml\n(?<lines>\[plugins\.""io\.containerd\.grpc\.v1\.cri""\.containerd\.runtimes\.runc\][^`]*base_runtime_spec[^`]*)```")]
    private static partial Regex Entry();
}
