using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>A process joins a running container whose record is gone, or that never had one, or whose record is another container's, another boot's or another version's.</summary>
public class LostRecordTests(TestImage image)
{
    private const ulong SysAdmin = 1 << 21;

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

    [Fact]
    public void A_reused_id_is_joined_with_what_its_new_container_has()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        byte[] engines = File.ReadAllBytes(bundle.ConfigFile);
        string[] run = [.. bundle.Arguments("run")[..^1], "--detach", bundle.Id];
        node.Hook(run).Succeeded();
        Assert.True(Exec(node, bundle).NoNewPrivileges);
        node.Hook("--root", bundle.Root, "delete", "--force", bundle.Id).Succeeded();
        Assert.NotNull(node.ReadRecord(bundle.Root, bundle.Id).Ceiling);   // it stays until somebody sweeps

        File.WriteAllBytes(bundle.ConfigFile, engines);
        node.Apply(Policies.Elsewhere).Hook(run).Succeeded();
        ProcessStatus open = Exec(node, bundle);
        Assert.Equal((SysAdmin, false), (open.Bounding & SysAdmin, open.NoNewPrivileges));   // no policy's container: as the engine wants it
        node.Hook("--root", bundle.Root, "delete", "--force", bundle.Id).Succeeded();

        File.WriteAllBytes(bundle.ConfigFile, engines);
        node.Apply(Policies.Everything).Hook(run).Succeeded();
        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), Exec(node, bundle));
    }

    [Fact]
    public void After_a_reboot_that_kept_the_records_a_container_is_joined_by_what_it_was_created_with_since()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        byte[] engines = File.ReadAllBytes(bundle.ConfigFile);
        string[] run = [.. bundle.Arguments("run")[..^1], "--detach", bundle.Id];
        node.Hook(run).Succeeded();
        string record = Path.Combine(node.Folder, "records", RecordKey.FileName(bundle.Root, bundle.Id));
        byte[] kept = File.ReadAllBytes(record);
        // A reboot ends the processes and empties what the runtime keeps in memory; this node's records are on a disk.
        Command.Run(Installation.RealRuntime, ["--root", bundle.Root, "delete", "--force", bundle.Id]).Succeeded();
        Directory.Delete(bundle.Root, recursive: true);

        // Nobody has started it yet: the runtime's own words.
        string process = Path.Combine(bundle.Path, "process.json");
        File.WriteAllText(process, Greedy);
        Assert.Contains("does not exist", node.Hook("--root", bundle.Root, "exec", "--process", process, bundle.Id).Failed().ErrorText, StringComparison.Ordinal);

        // Started again past the hook: it is held to what the record of the boot before says, which is no more than it was meant to have.
        File.WriteAllBytes(bundle.ConfigFile, engines);
        Command.Run(Installation.RealRuntime, ["--root", bundle.Root, "run", "--detach", "--bundle", bundle.Path, bundle.Id]).Succeeded();
        Assert.Equal(0ul, Exec(node, bundle).Bounding);
        Command.Run(Installation.RealRuntime, ["--root", bundle.Root, "delete", "--force", bundle.Id]).Succeeded();

        // Started again through it, under policies of today: the old record is gone.
        File.WriteAllBytes(bundle.ConfigFile, engines);
        node.Apply(Policies.Elsewhere).Hook(run).Succeeded();
        Assert.NotEqual(kept, File.ReadAllBytes(record));
        Assert.Equal(SysAdmin, Exec(node, bundle).Bounding & SysAdmin);
    }

    [Fact]
    public void A_record_of_the_first_hook_holds_an_exec_and_a_later_hooks_is_refused_until_it_is_removed()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        string path = Path.Combine(node.Folder, "records", RecordKey.FileName(bundle.Root, bundle.Id));
        JsonNode record = JsonNode.Parse(File.ReadAllBytes(path))!;
        // What it has since: how it is confined otherwise. What it had then: a count of execs in itself.
        Assert.True(record.AsObject().Remove("confinement"));
        record["execs"] = new JsonObject { ["count"] = 3 };
        record["of-tomorrow"] = new JsonArray(1, "x");
        File.WriteAllText(path, record.ToJsonString());
        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), Exec(node, bundle));

        record["v"] = 2;
        File.WriteAllText(path, record.ToJsonString());
        string process = Path.Combine(bundle.Path, "process.json");
        File.WriteAllText(process, Greedy);
        Outcome refused = node.Hook("--root", bundle.Root, "exec", "--process", process, bundle.Id).Failed();
        Assert.Equal((255, ""), (refused.ExitCode, refused.Text));
        Assert.Contains($"'{path}'", refused.ErrorText, StringComparison.Ordinal);
        Assert.Contains("remove it", refused.ErrorText, StringComparison.Ordinal);
        Assert.Equal(Greedy, File.ReadAllText(process));

        File.Delete(path);
        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), Exec(node, bundle));
    }

    private static ProcessStatus Exec(Installation node, TestBundle bundle)
    {
        string process = Path.Combine(bundle.Path, "process.json");
        File.WriteAllText(process, Greedy);
        return ProcessStatus.Parse(node.Hook("--root", bundle.Root, "exec", "--process", process, bundle.Id).Succeeded().Text);
    }
}
