using System.Text.Json;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>install.sh on a whole node: real programs, and a containerd that this machine's own folders do not know.</summary>
public sealed class NodeInstallTests(TestImage image) : IDisposable
{
    private const string Hook = "/usr/bin/hardening-hook";
    private readonly NodeWorld _node = new();

    [Fact]
    public async Task An_installed_node_hardens_and_comes_back_as_it_was()
    {
        _node.StartContainerd();
        string before = _node.Tree(), config = _node.Read(NodeWorld.Config);
        string report = _node.Install("--default", "--start-daemon").Succeeded().Text;
        Assert.Matches(@"NoNewPrivs:\s+1\n\s+Seccomp:\s+2", report);
        Assert.Matches(@"hardened \(default\).*restart it", report);
        Assert.Equal(2, _node.Read(NodeWorld.Config).Split("SystemdCgroup = true").Length - 1);

        _node.RestartContainerd();
        JsonElement status = JsonDocument.Parse(_node.Run("hardenctl", "engine", "status", "--output", "json").Succeeded().Text).RootElement;
        Assert.Contains(status.GetProperty("entries").EnumerateArray(), e => e.GetProperty("entry").ValueEquals("hardened") && e.GetProperty("covered").GetBoolean());
        Assert.Contains(status.GetProperty("entries").EnumerateArray(), e => e.GetProperty("entry").ValueEquals("runc") && !e.GetProperty("covered").GetBoolean());
        Assert.Contains(": node", _node.Run("hardenctl", "node", "status").Succeeded().Text, StringComparison.Ordinal);

        _node.Ctr("run", "--detach", "--runc-binary", Hook, "--rootfs", image.RootFilesystem, "lives", "/bin/sleep", "600").Succeeded();
        Hardened(_node.Run("sh", "-c", $"cat /proc/{_node.ProcessOf("lives")}/status"));
        Hardened(_node.Ctr("task", "exec", "--exec-id", "e1", "lives", "/bin/cat", "/proc/self/status"));
        await Wait.UntilAsync(() => Containers().Contains("\"verified\"", StringComparison.Ordinal), TimeSpan.FromSeconds(20), Containers);

        string stub = _node.Install("--uninstall", "--purge").Succeeded().Text;
        Assert.Contains("  lives\n", stub, StringComparison.Ordinal);
        Assert.Contains("was not restarted", stub, StringComparison.Ordinal);
        Assert.Equal(config, _node.Read(NodeWorld.Config));
        Assert.StartsWith("#!/bin/sh\n", _node.Read(Hook), StringComparison.Ordinal);
        _node.Ctr("task", "exec", "--exec-id", "e2", "lives", "/bin/true").Succeeded();
        _node.Ctr("task", "kill", "--signal", "SIGKILL", "lives").Succeeded();
        await Wait.UntilAsync(() => _node.Ctr("task", "ls").Text.Contains("STOPPED", StringComparison.Ordinal), TimeSpan.FromSeconds(10), () => "the stub did not kill the container");
        _node.Ctr("task", "rm", "lives");
        Assert.DoesNotContain("lives", _node.Ctr("task", "ls").Succeeded().Text, StringComparison.Ordinal);
        _node.Ctr("container", "rm", "lives").Succeeded();

        // Gone is the container, but the containerd in memory still has the entry.
        Assert.Contains("was not restarted", _node.Install("--uninstall", "--purge").Succeeded().Text, StringComparison.Ordinal);
        _node.RestartContainerd();
        _node.Install("--uninstall", "--purge").Succeeded();
        Assert.Equal(before, _node.Tree());
        Assert.Contains("has not installed anything", _node.Install("--uninstall").Failed().ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_run_changes_nothing_and_a_stranger_s_change_stops_the_way_back()
    {
        string config = _node.Read(NodeWorld.Config);
        _node.Install().Succeeded();
        string installed = _node.Tree();
        _node.Install().Succeeded();
        Assert.Equal(installed, _node.Tree());

        _node.Run("sh", "-c", $"echo '# a colleague' >> {NodeWorld.Config}").Succeeded();
        string changed = _node.Tree();
        Outcome stopped = _node.Install("--uninstall", "--purge");
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("+# a colleague", stopped.ErrorText, StringComparison.Ordinal);
        Assert.Equal(changed, _node.Tree());

        _node.Install("--uninstall", "--purge", "--remove-only").Succeeded();
        Assert.Equal(config + "# a colleague\n", _node.Read(NodeWorld.Config));
    }

    [Fact]
    public void A_node_whose_policies_refuse_the_test_container_can_be_upgraded()
    {
        _node.StartContainerd();
        _node.Install("--no-test").Succeeded();
        _node.Run("sed", "-i", "s/extends: .node-default./extends: [restricted]/", "/etc/hardening/policies/node-default.yaml").Succeeded();
        Assert.Contains("this node's policies refused it", _node.Install().Succeeded().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rm /usr/bin/containerd", "", 1, "'containerd' is not on this node")]
    [InlineData("rm -f /usr/bin/runc /usr/sbin/runc", "", 1, "Install runc")]
    [InlineData("echo 'a = [' >> /etc/containerd/config.toml", "", 1, "containerd does not accept '/etc/containerd/config.toml'")]
    [InlineData("mount -o remount,ro /etc", "", 1, "'/etc' cannot be written")]
    [InlineData("mount -o remount,ro /usr", "", 1, "'/usr/bin' cannot be written")]
    [InlineData("true", "--programs /no/such/folder", 1, "'/no/such/folder' is not a folder")]
    [InlineData("true", "--restart", 1, "systemd does not run here")]
    [InlineData("true", "--handler", 2, "--handler needs a value")]
    [InlineData("true", "--frob", 2, "unknown option '--frob'")]
    public void What_makes_it_impossible_is_said_before_anything_is_changed(string damage, string options, int code, string sentence)
    {
        _node.Run("sh", "-c", damage).Succeeded();
        string before = _node.Tree();
        Outcome stopped = _node.Install(options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(code, stopped.ExitCode);
        Assert.Contains(sentence, stopped.ErrorText, StringComparison.Ordinal);
        Assert.Single(stopped.ErrorText.TrimEnd('\n').Split('\n'));
        Assert.Equal(before, _node.Tree());
    }

    [Theory]
    [InlineData("50-hardening-gate.json", "/usr/share/containers/oci/hooks.d")]
    [InlineData("podman/50-hardening-precreate.json", "/etc/hardening/podman-hooks.d")]
    public void The_program_stays_as_long_as_an_engines_hook_file_names_it(string shipped, string folder)
    {
        _node.Install("--no-test").Succeeded();
        _node.Run("install", "-D", "-m", "644", "-t", folder, Path.Combine(Published.Repository, "packaging/hooks", shipped)).Succeeded();
        string before = _node.Tree();
        Outcome stopped = _node.Install("--uninstall", "--purge");
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains($"{folder}/{Path.GetFileName(shipped)}. Remove them first", stopped.ErrorText, StringComparison.Ordinal);
        Assert.Equal(before, _node.Tree());

        _node.Run("rm", $"{folder}/{Path.GetFileName(shipped)}").Succeeded();
        _node.Install("--uninstall", "--purge").Succeeded();
        _node.Run("test", "-e", Hook).Failed();
    }

    [Fact]
    public void Only_root_may_install()
    {
        // Copied, because another user may not be allowed to read the checkout.
        _node.Run("cp", "-r", Path.Combine(Published.Repository, "packaging/node"), "/var/installer").Succeeded();
        Outcome stopped = _node.Run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/var/installer/install.sh");
        Assert.Equal(2, stopped.ExitCode);
        Assert.Contains("Run it with sudo", stopped.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_pods_everything_is_installed_but_the_entry_and_the_exit_code_says_so()
    {
        _node.Run("sh", "-c", $"echo 'disabled_plugins = [\"cri\"]' > {NodeWorld.Config}").Succeeded();
        Outcome installed = _node.Install();
        Assert.Equal(1, installed.ExitCode);
        Assert.Contains("no runtime entry was added", installed.ErrorText, StringComparison.Ordinal);
        _node.Run(Hook, "--version").Succeeded();
        _node.Install("--uninstall", "--purge").Succeeded();
    }

    public void Dispose() => _node.Dispose();

    private string Containers() => _node.Ask("/run/hardening/hardeningd.sock", "/v1/containers");

    private static void Hardened(Outcome status)
    {
        ProcessStatus process = ProcessStatus.Parse(status.Succeeded().Text);
        Assert.True(process.NoNewPrivileges);
        Assert.Equal(ProcessStatus.SeccompFilter, process.Seccomp);
    }
}
