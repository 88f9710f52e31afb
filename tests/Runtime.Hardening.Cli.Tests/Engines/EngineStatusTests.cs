namespace Runtime.Hardening.Cli.Tests.Engines;

public sealed class EngineStatusTests
{
    [Fact]
    public void Every_entry_is_listed_as_covered_or_not()
    {
        Assert.SkipUnless(Node.HasContainerd, Node.NoContainerd);
        using Node node = new(Node.Fixture("k3s.toml"));
        Assert.Equal(1, node.Hardenctl("engine", "status").ExitCode);
        Assert.Equal(0, node.Configure().ExitCode);
        Directory.CreateDirectory(Path.Combine(node.Root, "etc/docker"));
        Directory.CreateDirectory(Path.Combine(node.Root, "etc/crio"));
        File.WriteAllText(Path.Combine(node.Root, "etc/crio/crio.conf"), "");
        File.WriteAllText(Path.Combine(node.Root, "etc/docker/daemon.json"), """{"default-runtime":"h","runtimes":{"h":{"path":"/usr/bin/hardening-hook"},"kata":{"path":"/usr/bin/kata"}}}""");

        (_, string output, _) = node.Hardenctl("engine", "status", "--output", "json");
        using System.Text.Json.JsonDocument status = System.Text.Json.JsonDocument.Parse(output);
        Dictionary<string, bool> covered = status.RootElement.GetProperty("entries").EnumerateArray()
            .ToDictionary(e => $"{e.GetProperty("engine")} {e.GetProperty("entry")}", e => e.GetProperty("covered").GetBoolean());
        Assert.False(covered["containerd runc"]);
        Assert.False(covered["containerd (ctr, nerdctl)"]);
        Assert.True(covered["docker h"]);
        Assert.False(covered["docker kata"]);
        Assert.False(covered["docker runc"]);
        Assert.False(covered["cri-o (all)"]);
        Assert.True(covered.ContainsKey("containerd hardened"));
    }

    [Fact]
    public void An_entry_whose_hook_is_gone_is_not_called_covered()
    {
        Assert.SkipUnless(Node.HasContainerd, Node.NoContainerd);
        using Node node = new(Node.Fixture("k3s.toml"));
        Assert.Equal(0, node.Configure().ExitCode);
        File.Delete(Path.Combine(node.Root, "usr/bin/hardening-hook"));
        (int exitCode, string output, _) = node.Hardenctl("engine", "status");
        Assert.Equal(1, exitCode);
        Assert.Contains("every container of this entry fails", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Podman_with_our_hook_files_is_not_said_to_go_round_us_and_the_pipe_gets_tabs()
    {
        Assert.SkipUnless(Node.HasContainerd, Node.NoContainerd);
        using Node node = new(Node.Fixture("k3s.toml"));
        string folder = Directory.CreateDirectory(Path.Combine(node.Root, "usr/share/containers/oci/hooks.d")).FullName;
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(node.Root, "etc/containers")).FullName, "containers.conf"), "");
        Assert.Contains("podman\t(all) (default)\tits own runtime (crun or runc)\tno\tgoes round us", node.Hardenctl("engine", "status").Output, StringComparison.Ordinal);

        File.Copy(Path.Combine(Hardenctl.FindRoot(), "packaging/hooks/50-hardening-gate.json"), Path.Combine(folder, "50-hardening-gate.json"));
        string hook = Path.Combine(node.Root, "usr/bin/hardening-hook");
        File.WriteAllText(hook, "#!/bin/sh\n");
        File.SetUnixFileMode(hook, (UnixFileMode)0b111_101_101);
        Assert.Contains("\tno runtime entry of ours, but hook files: the gate (createRuntime) stops", node.Hardenctl("engine", "status").Output, StringComparison.Ordinal);
    }
}
