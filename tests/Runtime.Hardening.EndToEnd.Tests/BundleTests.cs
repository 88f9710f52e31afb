using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>The hook called as an engine calls it, down to the container's own program under the real runtime.</summary>
public class BundleTests(TestImage image)
{
    [Fact]
    public void A_container_that_is_run_prints_its_hardened_confinement()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);

        ProcessStatus status = ProcessStatus.Parse(node.Hook(bundle.Arguments("run")).Succeeded().Text);

        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), status);
    }

    [Fact]
    public void The_engines_own_spec_can_be_reproduced_from_the_record()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        byte[] original = File.ReadAllBytes(bundle.ConfigFile);

        node.Hook(bundle.Arguments("run")).Succeeded();

        byte[] hardened = File.ReadAllBytes(bundle.ConfigFile);
        Assert.NotEqual(original, hardened);
        Assert.Equal(original, node.ReadRecord(bundle.Root, bundle.Id).Restore(hardened));
    }

    [Fact]
    public void The_config_of_an_unmatched_container_keeps_every_byte()
    {
        using Installation node = new Installation().Apply(Policies.Elsewhere);
        using var bundle = new TestBundle(image);
        byte[] original = File.ReadAllBytes(bundle.ConfigFile);

        node.Hook(bundle.Arguments("run")).Succeeded();

        Assert.Equal(original, File.ReadAllBytes(bundle.ConfigFile));
        ContainerRecord record = node.ReadRecord(bundle.Root, bundle.Id);
        Assert.Equal(JournalDecision.Unmatched, record.Decision);
        Assert.Empty(record.Edits);
    }

    [Fact]
    public void The_container_gives_its_own_exit_code_through_the_hook()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sh", "-c", "exit 37");
        Assert.Equal(37, node.Hook(bundle.Arguments("run")).ExitCode);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("run")]
    public void Fields_that_the_hook_does_not_know_survive(string verb)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string marked = string.Concat(File.ReadAllText(bundle.ConfigFile).AsSpan(0, 1), "\"x-future\" : { \"n\": 1e2, \"s\":\"\\u003c\" },", File.ReadAllText(bundle.ConfigFile).AsSpan(1));
        File.WriteAllText(bundle.ConfigFile, marked);

        node.Hook(bundle.Arguments(verb)).Succeeded();

        Assert.StartsWith("{\"x-future\" : { \"n\": 1e2, \"s\":\"\\u003c\" },", File.ReadAllText(bundle.ConfigFile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_paused_node_passes_containers_through_and_says_so()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        node.Hardenctl("node", "pause", "--for", "10m", "--reason", "a test").Succeeded();
        using var bundle = new TestBundle(image);
        byte[] original = File.ReadAllBytes(bundle.ConfigFile);

        ProcessStatus status = ProcessStatus.Parse(node.Hook(bundle.Arguments("run")).Succeeded().Text);

        Assert.False(status.NoNewPrivileges);
        Assert.Equal(original, File.ReadAllBytes(bundle.ConfigFile));
        JournalEntry line = Assert.Single(node.Decisions);
        Assert.Equal(JournalDecision.PassThrough, line.Decision);
        Assert.Contains("a test", line.Message, StringComparison.Ordinal);

        node.Hardenctl("node", "resume").Succeeded();
        using var after = new TestBundle(image);
        Assert.True(ProcessStatus.Parse(node.Hook(after.Arguments("run")).Succeeded().Text).NoNewPrivileges);
    }

    [Theory]
    [InlineData("--flag-of-tomorrow value create --bundle BUNDLE ID")]
    [InlineData("create --flag-of-tomorrow value --bundle BUNDLE ID")]
    [InlineData("exec --flag-of-tomorrow value ID sh")]
    [InlineData("create --bundle LINKED ID")]
    [InlineData("--rootless of-tomorrow restore --bundle BUNDLE ID")]
    [InlineData("update --flag-of-tomorrow value ID")]
    public void A_paused_node_refuses_nothing_and_hands_on_the_very_words(string line)
    {
        using Installation node = new Installation().Apply(Policies.Everything).With("runtime", "/bin/echo");
        node.Hardenctl("node", "pause", "--for", "10m", "--reason", "a test").Succeeded();
        using var bundle = new TestBundle(image);
        string linked = Directory.CreateDirectory(Path.Combine(node.Folder, "linked")).FullName;
        File.CreateSymbolicLink(Path.Combine(linked, "config.json"), bundle.ConfigFile);
        string words = line.Replace("BUNDLE", bundle.Path, StringComparison.Ordinal).Replace("LINKED", linked, StringComparison.Ordinal).Replace("ID", bundle.Id, StringComparison.Ordinal);

        Assert.Equal(words + "\n", node.Hook(words.Split(' ')).Succeeded().Text);
        Assert.Empty(node.Refusals);

        node.Hardenctl("node", "resume").Succeeded();
        if (!line.StartsWith("update", StringComparison.Ordinal))   // of a container that nothing bounds
        {
            node.Hook(words.Split(' ')).Failed();
        }
    }

    [Fact]
    public void An_exec_that_asks_for_more_gets_what_the_container_has()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        string process = Path.Combine(bundle.Path, "process.json");
        const string Greedy = """
            {"terminal":false,"user":{"uid":0,"gid":0},"args":["/bin/probe","status"],"cwd":"/","noNewPrivileges":false,
             "capabilities":{"bounding":["CAP_SYS_ADMIN","CAP_CHOWN"],"effective":["CAP_SYS_ADMIN","CAP_CHOWN"],"permitted":["CAP_SYS_ADMIN","CAP_CHOWN"]}}
            """;

        File.WriteAllText(process, Greedy);
        ProcessStatus bare = ProcessStatus.Parse(Command.Run(Installation.RealRuntime, ["--root", bundle.Root, "exec", "--process", process, bundle.Id]).Succeeded().Text);
        ProcessStatus hardened = ProcessStatus.Parse(node.Hook("--root", bundle.Root, "exec", "--process", process, bundle.Id).Succeeded().Text);

        Assert.NotEqual(0ul, bare.Effective);
        Assert.False(bare.NoNewPrivileges);
        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), hardened);
    }
}
