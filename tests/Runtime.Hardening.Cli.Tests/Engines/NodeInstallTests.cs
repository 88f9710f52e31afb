using Runtime.Hardening.Cli.Engines;

namespace Runtime.Hardening.Cli.Tests.Engines;

/// <summary>packaging/node/install.sh into a folder that stands for a node.</summary>
public sealed class NodeInstallTests : IDisposable
{
    private readonly Node _node = new(Node.Fixture("k3s.toml"));
    private readonly string _programs = Directory.CreateTempSubdirectory("hardening-programs-").FullName;

    public NodeInstallTests()
    {
        Assert.SkipUnless(Node.HasContainerd, Node.NoContainerd);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(_programs, Path.GetFileName(file)));
        }

        // Placing files is what is tested here, so any program serves as hook and daemon; runc as the hook also runs as the stub's measure.
        File.Copy(Programs.Find("runc")!, Path.Combine(_programs, "hardening-hook"));
        File.Copy(Programs.Find("true")!, Path.Combine(_programs, "hardeningd"));
        File.Delete(Path.Combine(_node.Root, "usr/bin/hardening-hook"));
    }

    [Fact]
    public void Uninstall_with_purge_leaves_the_node_as_it_was_before()
    {
        string before = _node.Tree();
        Assert.Equal(0, Install("--default").ExitCode);
        Assert.Equal("hardened", _node.Effective.DefaultRuntime);
        Assert.StartsWith("{ \"runtime\": \"/", File.ReadAllText(At("etc/hardening/hook.json")), StringComparison.Ordinal);
        Assert.Contains("extends: [node-default]", File.ReadAllText(At("etc/hardening/policies/node-default.yaml")), StringComparison.Ordinal);
        Assert.Equal(0, Install("--uninstall", "--purge").ExitCode);
        Assert.Equal(before, _node.Tree());
    }

    [Fact]
    public void The_descriptions_of_apparmor_profiles_are_installed_and_nothing_goes_to_apparmors_own_folder()
    {
        Assert.Equal(0, Install().ExitCode);
        Assert.True(File.Exists(At("usr/share/hardening/profiles/apparmor/hardened-restricted.yaml")));
        Assert.Contains("ExecStart=/usr/bin/hardenctl apparmor load\n", File.ReadAllText(At("etc/systemd/system/hardening-apparmor.service")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("etc/apparmor.d")));
    }

    [Fact]
    public void Uninstall_removes_what_an_older_version_put_into_apparmors_folders_and_nothing_else_there()
    {
        Assert.Equal(0, Install().ExitCode);
        string compiled = At("var/cache/apparmor/201d1af9.0");
        Directory.CreateDirectory(compiled);
        Directory.CreateDirectory(At("etc/apparmor.d"));
        foreach (string name in new[] { "hardened-restricted", "lsb_release" })
        {
            File.WriteAllText(Path.Combine(compiled, name), name);
            File.WriteAllText(At($"etc/apparmor.d/{name}"), name);
        }

        File.AppendAllText(At("var/lib/hardening/install/manifest"), "file /etc/apparmor.d/hardened-restricted\n");
        Assert.Equal(0, Install("--uninstall").ExitCode);
        Assert.Equal([Path.Combine(compiled, "lsb_release")], Directory.GetFiles(compiled));
        Assert.Equal([At("etc/apparmor.d/lsb_release")], Directory.GetFiles(At("etc/apparmor.d")));
    }

    [Theory]
    [InlineData("hardening-apparmor.service")]
    [InlineData("hardeningd.service")]
    public void Somebody_elses_unit_of_our_name_is_kept_and_nothing_is_changed(string unit)
    {
        Directory.CreateDirectory(At("etc/systemd/system"));
        File.WriteAllText(At($"etc/systemd/system/{unit}"), "[Service]\nExecStart=/bin/true\n");
        string before = _node.Tree();
        (int exit, _, string said) = Install();
        Assert.Equal(1, exit);
        Assert.Contains($"{unit}' is there, and this script has not installed it. Move it away", said, StringComparison.Ordinal);
        Assert.Equal(before, _node.Tree());
    }

    [Fact]
    public void Uninstall_stops_while_a_containers_conf_names_the_folder_of_our_filter()
    {
        Assert.Equal(0, Install().ExitCode);
        string conf = At("etc/containers/containers.conf.d/50-hardening-hooks.conf");
        Directory.CreateDirectory(Path.GetDirectoryName(conf)!);
        File.Copy(Path.Combine(Hardenctl.FindRoot(), "packaging/hooks/podman/50-hardening-hooks.conf"), conf);
        string before = _node.Tree();
        (int exitCode, _, string error) = Install("--uninstall", "--purge");
        Assert.Equal(1, exitCode);
        Assert.Contains($"{conf}. Remove them first", error, StringComparison.Ordinal);
        Assert.Equal(before, _node.Tree());
        File.Delete(conf);
        Assert.Equal(0, Install("--uninstall", "--purge").ExitCode);
    }

    [Fact]
    public void A_second_run_changes_nothing()
    {
        Assert.Equal(0, Install().ExitCode);
        string once = _node.Tree();
        Assert.Equal(0, Install().ExitCode);
        Assert.Equal(once, _node.Tree());
    }

    [Fact]
    public void An_upgrade_replaces_a_program_by_rename_and_keeps_what_the_user_wrote()
    {
        Assert.Equal(0, Install().ExitCode);
        File.WriteAllText(At("etc/hardening/policies/node-default.yaml"), "# mine\n");
        using FileStream running = File.OpenRead(At("usr/bin/hardening-hook"));
        long size = running.Length;
        File.Copy(Programs.Find("true")!, Path.Combine(_programs, "hardening-hook"), overwrite: true);
        Assert.Equal(0, Install().ExitCode);
        Assert.NotEqual(size, new FileInfo(At("usr/bin/hardening-hook")).Length);
        Assert.Equal(size, running.Length);
        Assert.Equal("# mine\n", File.ReadAllText(At("etc/hardening/policies/node-default.yaml")));
    }

    [Fact]
    public void An_upgrade_does_not_bring_back_first_policies_that_were_replaced_by_others()
    {
        Assert.Equal(0, Install().ExitCode);
        File.Move(At("etc/hardening/policies/node-default.yaml"), At("etc/hardening/policies/ours.yaml"));
        (int exitCode, string output, string error) = Install();
        Assert.True(exitCode == 0, error);
        Assert.False(File.Exists(At("etc/hardening/policies/node-default.yaml")));
        Assert.Contains("node-default.yaml was removed since it was installed", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_was_there_before_the_installation_does_not_keep_the_first_ones_away()
    {
        Directory.CreateDirectory(At("etc/hardening/policies"));
        File.WriteAllText(At("etc/hardening/policies/web.yaml"), "# mine\n");
        Assert.Equal(0, Install().ExitCode);
        Assert.True(File.Exists(At("etc/hardening/policies/node-default.yaml")));
    }

    [Fact]
    public void The_plan_touches_nothing_in_either_direction()
    {
        string before = _node.Tree();
        Assert.Equal(0, Install("--dry-run", "--default").ExitCode);
        string absent = _node.Root + "/image";
        Install("--dry-run", "--root", absent);
        Assert.False(Directory.Exists(absent));
        Assert.Equal(before, _node.Tree());
        Assert.Equal(0, Install().ExitCode);
        string installed = _node.Tree();
        Assert.Equal(0, Install("--dry-run", "--uninstall", "--purge").ExitCode);
        Assert.Equal(installed, _node.Tree());
    }

    [Fact]
    public void Uninstall_stops_with_the_diff_if_somebody_changed_containerd_since()
    {
        Assert.Equal(0, Install().ExitCode);
        File.AppendAllText(_node.Config, "# a colleague's note\n");
        string changed = _node.Tree();
        (int exitCode, _, string error) = Install("--uninstall");
        Assert.Equal(1, exitCode);
        Assert.Contains("+# a colleague's note", error, StringComparison.Ordinal);
        Assert.Equal(changed, _node.Tree());
        Assert.Equal(0, Install("--uninstall", "--remove-only").ExitCode);
        Assert.Equal(Node.Fixture("k3s.toml") + "# a colleague's note\n", File.ReadAllText(_node.Config));
        Assert.False(File.Exists(At("usr/bin/hardening-hook")));
        Assert.True(File.Exists(At("etc/hardening/policies/node-default.yaml")));
    }

    [Fact]
    public void While_a_container_lives_the_hook_stays_as_a_working_runtime_and_goes_when_it_is_gone()
    {
        Assert.Equal(0, Install().ExitCode);
        string state = At("run/state");
        Directory.CreateDirectory(Path.Combine(state, "c1"));
        Directory.CreateDirectory(At("run/hardening/containers"));
        File.WriteAllText(At("run/hardening/containers/c1-0011223344556677.json"), $$"""{"v":1,"id":"c1","root":"{{state}}","bundle":"/b","decision":"allow"}""");

        Assert.Equal(0, Install("--uninstall", "--purge").ExitCode);
        Assert.Equal(Node.Fixture("k3s.toml"), File.ReadAllText(_node.Config));
        string hook = At("usr/bin/hardening-hook");
        (int exitCode, string output, _) = Programs.Run(hook, "--version");
        Assert.Equal((0, Programs.Run(Programs.Find("runc")!, "--version").Output), (exitCode, output));
        Assert.NotEqual(0, Programs.Run(hook, "--root", state, "kill", "no-such-container", "9").ExitCode);

        Assert.Equal(0, Install("--uninstall", "--purge").ExitCode);
        Assert.True(File.Exists(hook));
        Directory.Delete(Path.Combine(state, "c1"));
        Assert.Equal(0, Install("--uninstall", "--purge").ExitCode);
        Assert.False(File.Exists(hook));
        Assert.False(Directory.Exists(At("var")));
    }

    [Fact]
    public void Uninstall_without_an_installation_says_so_and_removes_nothing()
    {
        string before = _node.Tree();
        (int exitCode, _, string error) = Install("--uninstall", "--purge");
        Assert.Equal(1, exitCode);
        Assert.Contains("Nothing was removed", error, StringComparison.Ordinal);
        Assert.Equal(before, _node.Tree());
    }

    public void Dispose()
    {
        _node.Dispose();
        Directory.Delete(_programs, recursive: true);
    }

    private string At(string path) => Path.Combine(_node.Root, path);

    private (int ExitCode, string Output, string Error) Install(params string[] options)
        => Programs.Run("/bin/bash", [Path.Combine(Repository(), "packaging/node/install.sh"), "--root", _node.Root, "--programs", _programs, .. options]);

    private static string Repository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Runtime.Hardening.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run from inside the repository.");
    }
}
