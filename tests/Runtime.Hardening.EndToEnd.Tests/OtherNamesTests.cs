using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>Names by which a runtime finds a container or a file that the hook would look for elsewhere.</summary>
public class OtherNamesTests(TestImage image)
{
    private const string Greedy = """{"user":{"uid":0,"gid":0},"args":["/bin/probe","status"],"cwd":"/","noNewPrivileges":false,"capabilities":{"bounding":["CAP_SYS_ADMIN"]}}""";

    [Theory]
    [InlineData("./{0}")]
    [InlineData("/{0}")]
    [InlineData("{0}/")]
    [InlineData("../state/{0}")]
    public void A_path_in_the_place_of_an_id_reaches_no_container(string form)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        using Crun crun = new(node, bundle);
        crun.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        string process = Path.Combine(node.Folder, "process.json"), path = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, bundle.Id);
        File.WriteAllText(process, Greedy);

        Outcome outcome = crun.Hook("--root", bundle.Root, "exec", "--process", process, path).Failed();

        Assert.Equal((255, ""), (outcome.ExitCode, outcome.Text));
        Assert.Contains($"'{path}' is a path where a container id was expected", outcome.ErrorText, StringComparison.Ordinal);
        Assert.Contains("is a path where", crun.Hook("--root", bundle.Root, "update", "--pids-limit", "5000", path).Failed().ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_no_UTF8_is_refused_and_its_decoy_stays_as_it_is()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string decoy = Path.Combine(node.Folder, "b\ufffd");
        Directory.CreateDirectory(decoy);
        File.Copy(bundle.ConfigFile, Path.Combine(decoy, "config.json"));
        byte[] before = File.ReadAllBytes(bundle.ConfigFile);

        Outcome outcome = Command.Run(
            "/bin/sh", ["-c", $"cd '{node.Folder}' && f=$(printf 'b\\377') && cp -r '{decoy}' \"$f\" && exec '{Published.Hook}' --root '{bundle.Root}' run --bundle \"$f\" {bundle.Id}"], node.Environment).Failed();

        Assert.Contains("is no UTF-8", outcome.ErrorText, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(decoy, "config.json")));
    }

    [Theory]
    [InlineData("{0}/./state")]
    [InlineData("{0}//state")]
    [InlineData("{0}/link")]
    public void Another_spelling_of_the_root_lifts_no_bound(string form)
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        string folder = Path.GetDirectoryName(bundle.Root)!;
        File.CreateSymbolicLink(Path.Combine(folder, "link"), bundle.Root);
        string root = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, folder);

        Assert.Contains("pids", node.Hook("--root", root, "update", "--pids-limit", "5000", bundle.Id).Failed().ErrorText, StringComparison.Ordinal);
        Assert.Equal("64", new Cgroup(bundle).Pids);
    }

    [Theory]
    [InlineData("-n 3", "Too many open files")]
    [InlineData("-f 0", "File too large")]
    public void A_limit_that_stops_us_is_a_sentence_and_leaves_nothing_behind(string limit, string named)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        byte[] before = File.ReadAllBytes(bundle.ConfigFile);

        // Through a pipe, because the limit on files would hold for a captured standard error too.
        string text = Command.Run(
            "/bin/bash", ["-c", $"(ulimit {limit}; exec '{Published.Hook}' --root '{bundle.Root}' create --bundle '{bundle.Path}' {bundle.Id}) 2>&1 | cat; echo code ${{PIPESTATUS[0]}}"], node.Environment).Succeeded().Text;

        Assert.EndsWith("code 1\n", text, StringComparison.Ordinal);
        Assert.Contains(named, text, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", text, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(bundle.ConfigFile));
        Assert.Equal([Path.Combine(bundle.Path, "config.json")], Directory.GetFiles(bundle.Path));
        string records = Path.Combine(node.Folder, "records");
        Assert.Empty(Directory.Exists(records) ? Directory.GetFiles(records) : []);
    }
}
