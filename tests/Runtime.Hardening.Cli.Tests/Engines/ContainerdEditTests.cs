using CsCheck;
using Runtime.Hardening.Cli.Engines;

namespace Runtime.Hardening.Cli.Tests.Engines;

public sealed class ContainerdEditTests
{
    private static readonly string[] Files = ["debian.toml", "k3s.toml", "containerd-1.6-default.toml", "kubeadm-1.7.toml", "containerd-2.1-default.toml"];
    private static readonly string[] Noise = ["", "  ", "# a comment", "\t# [plugins.\"not a header\"]", "#default_runtime_name = \"x\"", "# hardening: our own note"];

    // Any of the files, with noise before any of its lines, line ends of either kind, and comments behind table headers.
    private static readonly Gen<string> Written = Gen.Select(
        Gen.Int[0, Files.Length - 1].Select(i => Files[i]), Gen.Select(Gen.Int[0, 400], Gen.Int[0, Noise.Length - 1].Select(i => Noise[i])).Array[0, 12], Gen.Bool, Gen.Bool, (name, noise, windows, trailing) =>
        {
            List<string> lines = [.. Node.Fixture(name).TrimEnd('\n').Split('\n')];
            foreach ((int at, string text) in noise)
            {
                lines.Insert(at % (lines.Count + 1), text);
            }

            IEnumerable<string> all = trailing ? lines.Select(l => l.TrimStart().StartsWith('[') ? l + "  # header" : l) : lines;
            return string.Join(windows ? "\r\n" : "\n", all) + (windows ? "\r\n" : "\n");
        });

    [Fact]
    public void Adding_and_removing_gives_back_every_byte_whatever_the_formatting()
        => Written.Sample(
            text =>
            {
                TomlText toml = TomlText.Parse(text, "config.toml");
                ContainerdSettings effective = EffectiveOf(toml);
                string added = Add(text, effective);
                TomlText after = TomlText.Parse(added, "config.toml");
                Assert.Equal("hardened", EffectiveOf(after).DefaultRuntime);
                Assert.Equal("/usr/bin/hardening-hook", ContainerdSettings.BinaryOf((Dictionary<string, object>)EffectiveOf(after).Runtimes["hardened"]));
                string? previous = TomlTree.Find(toml.Tree, "plugins", effective.Plugin, "containerd") is { } table && table.TryGetValue("default_runtime_name", out object? name) ? (string)name : null;
                string removed = ContainerdEdit.Remove(after, "hardened", previous);
                // A default's quotes may change from ' to ": that is the one token that was replaced.
                Assert.Equal(text.Replace("= 'runc'", "= \"runc\"", StringComparison.Ordinal), removed.Replace("= 'runc'", "= \"runc\"", StringComparison.Ordinal));
            },
            iter: 300);

    [Fact]
    public void A_file_of_version_3_gets_the_entry_under_the_plugin_of_version_3()
    {
        string text = Node.Fixture("containerd-2.1-default.toml");
        string added = Add(text, EffectiveOf(TomlText.Parse(text, "dump")));
        Assert.Contains("[plugins.\"io.containerd.cri.v1.runtime\".containerd.runtimes.hardened.options]\n  BinaryName = \"/usr/bin/hardening-hook\"\n", added, StringComparison.Ordinal);
        Assert.Contains("default_runtime_name = \"hardened\"", added, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_version_2_under_containerd_2_keeps_the_plugin_name_of_version_2()
    {
        ContainerdSettings effective = EffectiveOf(TomlText.Parse(Node.Fixture("containerd-2.1-default.toml"), "dump"));
        string added = Add(Node.Fixture("k3s.toml"), effective);
        Assert.Contains("[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.hardened]", added, StringComparison.Ordinal);
        Assert.DoesNotContain("io.containerd.cri.v1.runtime", added, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void A_drop_in_is_written_only_where_the_main_file_is_of_version_3_and_imports_its_folder(int version, bool ownFile)
    {
        using Node node = new($"version = {version}\nimports = [\"/etc/nowhere/conf.d/*.toml\"]\n");
        string dump = Node.Fixture("containerd-2.1-default.toml").Replace("imports = []", "imports = ['/etc/nowhere/conf.d/*.toml']", StringComparison.Ordinal);
        ContainerdFiles files = ContainerdFiles.Load(node.Config, EffectiveOf(TomlText.Parse(dump, "dump")));
        Assert.Equal(ownFile, files.IsOwnFile);
        Assert.Equal(ownFile ? "/etc/nowhere/conf.d/99-hardening.toml" : node.Config, files.Target.Path);
    }

    [Fact]
    public void A_change_beside_our_entry_is_an_error_that_names_it()
    {
        ContainerdSettings before = EffectiveOf(TomlText.Parse(Node.Fixture("containerd-2.1-default.toml"), "dump"));
        ContainerdSettings after = EffectiveOf(TomlText.Parse(Add(Node.Fixture("containerd-2.1-default.toml"), before).Replace("enable_cdi = true", "enable_cdi = false", StringComparison.Ordinal), "dump"));
        EngineException error = Assert.Throws<EngineException>(() => ContainerdCheck.OnlyAdds(before, after, new("hardened", "/usr/bin/hardening-hook", "runc", true), "config.toml"));
        Assert.Contains("enable_cdi: true -> false", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_diff_reads_as_diff_u_writes_it()
        => Assert.Equal(
            "--- a\n+++ b\n@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n@@ -7,3 +7,4 @@\n 7\n 8\n 9\n+10\n\\ No newline at end of file\n",
            UnifiedDiff.Make("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\ntwo\n3\n4\n5\n6\n7\n8\n9\n10", "a", "b"));

    private static string Add(string text, ContainerdSettings effective)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return ContainerdEdit.Add(ConfigFile.Read(path), effective, new("hardened", "/usr/bin/hardening-hook", "runc", true));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>A full file is its own effective configuration; one without entries has containerd's built-in one.</summary>
    private static ContainerdSettings EffectiveOf(TomlText toml)
    {
        ContainerdSettings settings = new(toml.Tree);
        return settings.Runtimes.Count > 0 ? settings : new ContainerdSettings(TomlText.Parse(Node.Fixture("containerd-1.6-default.toml"), "dump").Tree);
    }
}
