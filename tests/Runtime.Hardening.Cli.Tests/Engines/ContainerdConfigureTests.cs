using Runtime.Hardening.Cli.Engines;

namespace Runtime.Hardening.Cli.Tests.Engines;

public sealed class ContainerdConfigureTests
{
    public ContainerdConfigureTests() => Assert.SkipUnless(Node.HasContainerd, Node.NoContainerd);

    public static TheoryData<string, string, string> Shapes => new()
    {
        { "debian.toml", "runc", "\n" },
        { "containerd-1.6-default.toml", "runc", "\n" },
        { "kubeadm-1.7.toml", "runc", "\n" },
        { "k3s.toml", "runc", "\n" },
        { "k3s.toml", "runc", "\r\n" },
        { "odd.toml", "crun", "\n" },
        { "", "runc", "\n" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_shape_gets_a_full_copy_of_the_entry_once_and_gives_back_every_byte(string fixture, string from, string newline)
    {
        using Node node = new(fixture.Length == 0 ? "" : Node.Fixture(fixture).ReplaceLineEndings(newline));
        byte[] original = File.ReadAllBytes(node.Config);
        File.SetUnixFileMode(node.Config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string before = node.Tree();
        ContainerdSettings was = node.Effective;

        Assert.Equal(0, node.Configure("--from", from, "--default").ExitCode);
        byte[] written = File.ReadAllBytes(node.Config);
        ContainerdSettings now = node.Effective;
        Assert.Equal("hardened", now.DefaultRuntime);
        Assert.Equal("/usr/bin/hardening-hook", ContainerdSettings.BinaryOf((Dictionary<string, object>)now.Runtimes["hardened"]));
        Assert.Equal([.. was.Runtimes.Keys.Append("hardened").Order()], now.Runtimes.Keys.Order());
        Assert.Equal(Saying(was, from), Saying(now, "hardened"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(node.Config));

        Assert.Contains("nothing was changed", node.Configure("--from", from, "--default").Error, StringComparison.Ordinal);
        Assert.Equal(written, File.ReadAllBytes(node.Config));

        Assert.Equal(0, node.Restore().ExitCode);
        Assert.Equal(original, File.ReadAllBytes(node.Config));
        Assert.Equal(before, string.Join('\n', node.Tree().Split('\n').Where(l => !l.StartsWith("/var", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_node_without_a_configuration_file_gets_one_and_loses_it_again()
    {
        using Node node = new(null);
        Assert.Equal(0, node.Configure().ExitCode);
        Assert.Equal(["hardened", "runc"], node.Effective.Runtimes.Keys.Order());
        Assert.Equal(0, node.Restore().ExitCode);
        Assert.False(File.Exists(node.Config));
    }

    [Fact]
    public void A_dry_run_shows_the_change_and_the_real_runtime_and_touches_nothing()
    {
        using Node node = new(Node.Fixture("odd.toml"));
        string before = node.Tree();
        (int exitCode, string output, string error) = node.Configure("--from", "crun", "--dry-run");
        Assert.Equal(0, exitCode);
        Assert.Contains("+  BinaryName = \"/usr/bin/hardening-hook\"", output, StringComparison.Ordinal);
        Assert.Contains("'/usr/local/bin/crun'", error, StringComparison.Ordinal);
        Assert.Equal(before, node.Tree());
    }

    [Fact]
    public void Asking_for_the_default_later_rewrites_our_entry_and_still_restores_the_first_original()
    {
        using Node node = new(Node.Fixture("k3s.toml"));
        Assert.Equal(0, node.Configure().ExitCode);
        Assert.Equal("runc", node.Effective.DefaultRuntime);
        Assert.Equal(0, node.Configure("--default").ExitCode);
        Assert.Equal("hardened", node.Effective.DefaultRuntime);
        Assert.Equal(0, node.Restore().ExitCode);
        Assert.Equal(Node.Fixture("k3s.toml"), File.ReadAllText(node.Config));
    }

    [Fact]
    public void On_1_6_the_imported_file_that_holds_the_CRI_section_is_the_one_edited()
    {
        using Node node = new(null);
        string imported = Path.Combine(node.Root, "etc/containerd/cri.toml");
        File.WriteAllText(imported, Node.Fixture("k3s.toml"));
        File.WriteAllText(node.Config, $"version = 2\nimports = [\"{imported}\"]\n[plugins.\"io.containerd.grpc.v1.cri\"]\nenable_selinux = true\n");
        byte[] main = File.ReadAllBytes(node.Config);
        Assert.SkipUnless(node.Effective.Version == 2, "containerd 2.x merges imports; this is about 1.x.");

        Assert.Equal(0, node.Configure().ExitCode);
        Assert.Equal(main, File.ReadAllBytes(node.Config));
        Assert.Contains("runtimes.hardened", File.ReadAllText(imported), StringComparison.Ordinal);
        Assert.Contains("hardened", node.Effective.Runtimes.Keys);
        Assert.Equal(0, node.Restore().ExitCode);
        Assert.Equal(Node.Fixture("k3s.toml"), File.ReadAllText(imported));
    }

    [Theory]
    [InlineData("version = 1\n[plugins.cri.containerd.runtimes.runc]\n  runtime_type = \"io.containerd.runc.v2\"\n", 1, "states version = 1")]
    [InlineData("[plugins.cri]\n  enable_selinux = true\n", 1, "states no version")]
    [InlineData("disabled_plugins = [\"cri\"]\n", 1, "switches the CRI plugin off")]
    [InlineData("version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n", 1, "switches the CRI plugin off")]
    [InlineData("version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.hardened]\nruntime_type = \"io.containerd.runc.v2\"\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\nruntime_type = \"io.containerd.runc.v2\"\n", 1, "is there already")]
    [InlineData("version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes]\nkata = { runtime_type = \"io.containerd.kata.v2\" }\n", 1, "no runtime entry 'runc'")]
    [InlineData("version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd]\nruntimes = { runc = { runtime_type = \"io.containerd.runc.v2\" } }\n", 1, "inline table")]
    [InlineData("version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\nruntime_type = \"io.containerd.kata.v2\"\n", 1, "Only io.containerd.runc.v2")]
    [InlineData("# File generated by k3s. DO NOT EDIT. Use config.toml.tmpl instead.\nversion = 2\n", 1, "generated from a template")]
    [InlineData("version = 2\n[plugins\n", 2, "does not accept")]
    public void What_cannot_be_done_is_said_and_nothing_is_touched(string config, int exitCode, string because)
    {
        using Node node = new(config);
        string before = node.Tree();
        (int code, _, string error) = node.Configure();
        Assert.Contains(because, error, StringComparison.Ordinal);
        Assert.Equal(exitCode, code);
        Assert.Equal(before, node.Tree());
    }

    [Fact]
    public void A_hook_that_is_not_there_is_refused()
    {
        using Node node = new("");
        File.Delete(Path.Combine(node.Root, "usr/bin/hardening-hook"));
        (int code, _, string error) = node.Configure();
        Assert.Equal(2, code);
        Assert.Contains("every container of the entry would fail", error, StringComparison.Ordinal);
    }

    /// <summary>What an entry says: its members that are not zero, but for the binary.</summary>
    private static string Saying(ContainerdSettings settings, string entry) => string.Join('\n', TomlTree.Flatten((Dictionary<string, object>)settings.Runtimes[entry])
        .Where(l => l.Value is not ("\"\"" or "false" or "0" or "[]" or "{}") && l.Key != "options.BinaryName").Select(l => $"{l.Key} = {l.Value}"));
}
