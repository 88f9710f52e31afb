using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>A process joins a running container whose record is gone, or that never had one.</summary>
public class LostRecordTests(TestImage image)
{
    private const string Greedy = """
        {"terminal":false,"user":{"uid":0,"gid":0},"args":["/bin/probe","status"],"cwd":"/","noNewPrivileges":false,
         "capabilities":{"bounding":["CAP_SYS_ADMIN","CAP_CHOWN"],"effective":["CAP_SYS_ADMIN","CAP_CHOWN"],"permitted":["CAP_SYS_ADMIN","CAP_CHOWN"]}}
        """;

    [Fact]
    public void After_the_state_directory_was_wiped_an_exec_gets_what_the_hardened_container_has()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        Directory.Delete(Path.Combine(node.Folder, "records"), recursive: true);

        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), Exec(node, bundle));

        JournalEntry line = node.Decisions[^1];
        Assert.Equal(("exec", JournalDecision.Allow), (line.Verb, line.Decision));
        Assert.Contains("held to what the runtime's own state says", line.Message, StringComparison.Ordinal);
        Assert.Equal(["process.capabilities.bounding", "process.capabilities.effective", "process.capabilities.permitted", "process.noNewPrivileges"], line.Changes.Select(static change => change.Path).Order());
    }

    [Fact]
    public void A_container_that_is_older_than_the_hook_is_joined_with_its_own_capabilities_and_no_more()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        Command.Run(Installation.RealRuntime, ["--root", bundle.Root, "run", "--detach", "--bundle", bundle.Path, bundle.Id]).Succeeded();

        ProcessStatus status = Exec(node, bundle);

        Assert.Equal(0ul, status.Effective);    // of the two that were asked for the container has none
        Assert.False(status.NoNewPrivileges);   // nor has it this
    }

    [Fact]
    public void Probes_by_exec_are_counted_and_not_journaled_one_by_one()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        Command.Run(Installation.RealRuntime, ["--root", bundle.Root, "run", "--detach", "--bundle", bundle.Path, bundle.Id]).Succeeded();

        for (int i = 0; i < 8; i++)
        {
            Exec(node, bundle);
        }

        // The first says that the record was made anew, the second is the first decision from it, the others repeat it.
        Assert.Equal(2, node.Decisions.Count);
    }

    private static ProcessStatus Exec(Installation node, TestBundle bundle)
    {
        string process = Path.Combine(bundle.Path, "process.json");
        File.WriteAllText(process, Greedy);
        return ProcessStatus.Parse(node.Hook("--root", bundle.Root, "exec", "--process", process, bundle.Id).Succeeded().Text);
    }
}
