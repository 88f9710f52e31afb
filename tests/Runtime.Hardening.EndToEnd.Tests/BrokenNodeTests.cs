using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>What happens when something on the node, or in the bundle, is not as it should be.</summary>
public class BrokenNodeTests(TestImage image)
{
    [Theory]
    [InlineData("{", "config.json")]
    [InlineData("", "config.json")]
    [InlineData("[]", "config.json")]
    [InlineData("""{"process":{"noNewPrivileges":true,"noNewPrivileges":false}}""", "noNewPrivileges")]
    [InlineData("""{"process":{"NoNewPrivileges":false}}""", "NoNewPrivileges")]
    public void A_config_that_runtimes_read_differently_or_not_at_all_is_refused(string text, string named)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        File.WriteAllText(bundle.ConfigFile, text);

        node.Hook(bundle.Arguments("create")).Failed();

        Assert.Contains(named, bundle.LoggedError(), StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(bundle.ConfigFile));
    }

    [Fact]
    public void A_missing_bundle_is_named()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string missing = bundle.Path + "-missing";

        Outcome outcome = node.Hook("--root", bundle.Root, "--log", bundle.LogFile, "--log-format", "json", "create", "--bundle", missing, bundle.Id).Failed();

        Assert.Contains(missing, bundle.LoggedError() + outcome.ErrorText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_path_with_a_newline_forges_no_line_of_the_log(bool toLog)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string[] create = ["create", "--bundle", bundle.Path + "\ntime=\"2026-11-22T20:00:00Z\" level=info msg=\"all is well\"", bundle.Id];

        Outcome outcome = node.Hook(toLog ? ["--log", bundle.LogFile, .. create] : create).Failed();

        string[] lines = (toLog ? File.ReadAllText(bundle.LogFile) : outcome.ErrorText).Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains("/bundle\\ntime=", lines[0], StringComparison.Ordinal);
        Assert.Equal("", lines[1] + (toLog ? outcome.ErrorText : ""));
    }

    [Fact]
    public void A_bundle_without_config_is_named()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        File.Delete(bundle.ConfigFile);

        node.Hook(bundle.Arguments("create")).Failed();

        Assert.Contains("config.json", bundle.LoggedError(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_of_ours_is_written_into_the_containers_own_output()
    {
        using Installation node = new Installation().Apply(Policies.NoRootAnywhere);
        using var bundle = new TestBundle(image);

        Outcome outcome = node.Hook(bundle.Arguments("create")).Failed();

        Assert.Equal("", outcome.Text);
        Assert.Equal("", outcome.ErrorText);
        Assert.Contains("no-root", bundle.LoggedError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_others_can_write_is_not_believed()
    {
        using Installation node = new Installation().Apply(Policies.Elsewhere).With("whenBroken", "refuse");
        Command.Run("chmod", ["g+w", node.Store]).Succeeded();
        using var bundle = new TestBundle(image);

        node.Hook(bundle.Arguments("create")).Failed();

        Assert.Contains(node.Store, bundle.LoggedError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_generation_whose_profile_is_gone_refuses_the_container_that_needs_it()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        foreach (string profile in Directory.GetFiles(Path.Combine(node.CurrentGeneration, "seccomp")))
        {
            File.Delete(profile);
        }

        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("create")).Failed();

        Assert.Contains("seccomp", bundle.LoggedError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_generation_falls_back_to_the_last_good_one_and_says_so()
    {
        using Installation node = new Installation().Apply(Policies.Everything).Apply(Policies.Everything, Policies.Elsewhere);
        string index = Path.Combine(node.CurrentGeneration, "index.json");
        File.WriteAllText(index, File.ReadAllText(index).Replace("elsewhere", "elsewherf", StringComparison.Ordinal));
        using var bundle = new TestBundle(image);

        ProcessStatus status = ProcessStatus.Parse(node.Hook(bundle.Arguments("run")).Succeeded().Text);

        Assert.True(status.NoNewPrivileges);
        JournalEntry line = Assert.Single(node.Decisions);
        Assert.NotEqual(Path.GetFileName(node.CurrentGeneration), line.Generation);
        Assert.Contains("checksum", line.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("passThrough", JournalDecision.PassThrough)]
    [InlineData("builtin", JournalDecision.Allow)]
    public void Without_any_generation_whenBroken_decides(string whenBroken, string decision)
    {
        using Installation node = new Installation().With("whenBroken", whenBroken);
        using var bundle = new TestBundle(image);
        byte[] original = File.ReadAllBytes(bundle.ConfigFile);

        ProcessStatus status = ProcessStatus.Parse(node.Hook(bundle.Arguments("run")).Succeeded().Text);

        Assert.Equal(decision, Assert.Single(node.Decisions).Decision);
        Assert.Equal(decision == JournalDecision.PassThrough, original.AsSpan().SequenceEqual(File.ReadAllBytes(bundle.ConfigFile)));
        Assert.Equal(decision == JournalDecision.Allow ? ProcessStatus.SeccompFilter : 0, status.Seccomp);
    }

    [Fact]
    public void Without_any_generation_whenBroken_refuse_refuses()
    {
        using Installation node = new Installation().With("whenBroken", "refuse");
        using var bundle = new TestBundle(image);

        node.Hook(bundle.Arguments("create")).Failed();

        Assert.Contains(node.Store, bundle.LoggedError(), StringComparison.Ordinal);
        Assert.Single(node.Refusals);
    }

    [Theory]
    [InlineData("chown", "1000", "hook.json")]
    [InlineData("chmod", "o+w", "hook.json")]
    [InlineData("chmod", "o+w", "")]
    public void Settings_that_others_could_have_written_are_ignored_and_that_is_said(string change, string to, string file)
    {
        using Installation node = new Installation().Apply(Policies.Elsewhere);
        Command.Run(change, [to, Path.Combine(node.Folder, file)]).Succeeded();
        using var bundle = new TestBundle(image);

        // The hook falls back to the node's own settings, so this node must be an empty one: a mount namespace gives it.
        const string OnAnEmptyNode = """
            for folder in /etc/hardening /var/lib /run; do
              if [ -d "$folder" ]; then mount -t tmpfs none "$folder" || exit 99; fi
            done
            "$@" && cat /var/lib/hardening/journal/decisions.jsonl
            """;
        string text = Command.Run(
            "unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", OnAnEmptyNode, "sh", Published.Hook, .. bundle.Arguments("run")], node.Environment).Succeeded().Text;

        Assert.Contains("HARDENING_CONFIG was ignored", text, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(node.Folder, file).TrimEnd('/'), text, StringComparison.Ordinal);
        Assert.Empty(node.Decisions);
    }

    [Theory]
    [InlineData("state")]
    [InlineData("create")]
    public void A_hook_that_points_at_itself_stops_instead_of_running_for_ever(string verb)
    {
        using Installation node = new Installation().Apply(Policies.Elsewhere).With("runtime", Published.Hook);
        using var bundle = new TestBundle(image);

        Outcome outcome = node.Hook(verb == "create" ? bundle.Arguments("create") : ["--root", bundle.Root, "state", bundle.Id]).Failed();

        Assert.Contains(Published.Hook, outcome.ErrorText + (File.Exists(bundle.LogFile) ? bundle.LoggedError() : ""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_runtime_that_is_not_there_is_named()
    {
        using Installation node = new Installation().Apply(Policies.Elsewhere).With("runtime", "/usr/bin/no-such-runc");
        using var bundle = new TestBundle(image);

        node.Hook(bundle.Arguments("create")).Failed();

        Assert.Contains("/usr/bin/no-such-runc", bundle.LoggedError(), StringComparison.Ordinal);
    }
}
