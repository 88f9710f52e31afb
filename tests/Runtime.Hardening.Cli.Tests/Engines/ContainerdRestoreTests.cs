namespace Runtime.Hardening.Cli.Tests.Engines;

public sealed class ContainerdRestoreTests
{
    public ContainerdRestoreTests() => Assert.SkipUnless(Node.HasContainerd, Node.NoContainerd);

    [Fact]
    public void A_file_changed_since_stops_restore_with_a_diff_of_that_change()
    {
        using Node node = Changed("k3s.toml");
        string before = node.Tree();
        (int exitCode, _, string error) = node.Restore();
        Assert.Equal(1, exitCode);
        Assert.Contains("-  stream_server_port = \"10010\"\n+  stream_server_port = \"10011\"\n", error, StringComparison.Ordinal);
        Assert.Contains("--remove-only", error, StringComparison.Ordinal);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        Assert.Equal(before, node.Tree());
    }

    [Fact]
    public void Remove_only_keeps_the_change_and_cuts_just_our_part()
    {
        using Node node = Changed("k3s.toml");
        Assert.Equal(0, node.Restore("--remove-only").ExitCode);
        Assert.Equal(Node.Fixture("k3s.toml").Replace("10010", "10011", StringComparison.Ordinal), File.ReadAllText(node.Config));
        Assert.Equal(0, node.Restore().ExitCode);
    }

    [Fact]
    public void Force_puts_the_original_back()
    {
        using Node node = Changed("k3s.toml");
        Assert.Equal(0, node.Restore("--force").ExitCode);
        Assert.Equal(Node.Fixture("k3s.toml"), File.ReadAllText(node.Config));
    }

    [Fact]
    public void Remove_only_finds_our_entry_also_when_a_formatter_dropped_the_marks()
    {
        using Node node = Changed("k3s.toml");
        File.WriteAllText(node.Config, string.Join('\n', File.ReadAllLines(node.Config).Where(l => !l.StartsWith("# hardening", StringComparison.Ordinal))) + "\n");
        Assert.Equal(0, node.Restore("--remove-only").ExitCode);
        Assert.Equal(["runc"], node.Effective.Runtimes.Keys);
        Assert.Equal("runc", node.Effective.DefaultRuntime);
    }

    [Fact]
    public void A_damaged_backup_is_reported_and_the_engine_file_left_alone()
    {
        using Node node = new(Node.Fixture("k3s.toml"));
        Assert.Equal(0, node.Configure().ExitCode);
        byte[] written = File.ReadAllBytes(node.Config);
        File.AppendAllText(Path.Combine(node.Root, "var/lib/hardening/engine/containerd/original"), "x");
        (int exitCode, _, string error) = node.Restore();
        Assert.Equal(2, exitCode);
        Assert.Contains("expected", error, StringComparison.Ordinal);
        Assert.Equal(written, File.ReadAllBytes(node.Config));
    }

    private static Node Changed(string fixture)
    {
        Node node = new(Node.Fixture(fixture));
        Assert.Equal(0, node.Configure("--default").ExitCode);
        File.WriteAllText(node.Config, File.ReadAllText(node.Config).Replace("10010", "10011", StringComparison.Ordinal));
        return node;
    }
}
