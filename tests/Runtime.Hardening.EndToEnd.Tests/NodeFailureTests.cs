using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>The disk is full or read-only, the journal has no place, descriptors run out, or everything is broken at once.</summary>
public class NodeFailureTests(TestImage image)
{
    private const string Greedy = """{"user":{"uid":0,"gid":0},"args":["/bin/probe","status"],"cwd":"/","noNewPrivileges":false,"capabilities":{"bounding":["CAP_SYS_ADMIN"]}}""";
    private static readonly ProcessStatus s_hardened = new(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter);

    [Fact]
    public void On_a_full_disk_nothing_starts_half_hardened_and_nothing_is_left_behind()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var disk = new SmallDisk(node);
        node.With("stateDirectory", Path.Combine(disk.Folder, "records")).With("journal", Path.Combine(disk.Folder, "journal"));
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        string moved = Path.Combine(disk.Folder, "bundle");
        Directory.CreateDirectory(moved);
        File.Copy(bundle.ConfigFile, Path.Combine(moved, "config.json"));
        string[] run = ["--root", bundle.Root, "run", "--detach", "--bundle", moved, bundle.Id];
        disk.Fill();
        string[] before = Directory.GetFileSystemEntries(disk.Folder, "*", SearchOption.AllDirectories);

        Assert.Contains("No space left on device", node.Hook(run).Failed().ErrorText, StringComparison.Ordinal);

        Assert.Equal(File.ReadAllBytes(bundle.ConfigFile), File.ReadAllBytes(Path.Combine(moved, "config.json")));
        Assert.Equal(["journal", "records"], Directory.GetFileSystemEntries(disk.Folder, "*", SearchOption.AllDirectories).Except(before).Select(Path.GetFileName).Order());
        disk.Empty();
        node.Hook(run).Succeeded();

        string process = Path.Combine(disk.Folder, "process.json");
        File.WriteAllText(process, Greedy);
        disk.Fill();
        string[] exec = ["--root", bundle.Root, "exec", "--process", process, bundle.Id];
        Outcome refused = node.Hook(exec).Failed();
        Assert.Equal((255, ""), (refused.ExitCode, refused.Text));
        Assert.Contains("No space left on device", refused.ErrorText, StringComparison.Ordinal);
        Assert.Equal(Greedy, File.ReadAllText(process));
        disk.Empty();
        Assert.Equal(s_hardened, ProcessStatus.Parse(node.Hook(exec).Succeeded().Text));
    }

    [Fact]
    public void On_a_read_only_disk_what_must_be_held_does_not_start_and_what_runs_can_be_joined()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var disk = new SmallDisk(node);
        node.With("stateDirectory", Path.Combine(disk.Folder, "records")).With("journal", Path.Combine(disk.Folder, "journal"));
        using TestBundle before = new(image, "/bin/sleep", "60"), after = new(image, "/bin/sleep", "60");
        node.Hook(Detached(before)).Succeeded();
        disk.MakeReadOnly();

        Assert.Equal(s_hardened, Exec(node, before));   // and its line, which has no place, is nobody's business
        byte[] engines = File.ReadAllBytes(after.ConfigFile);
        node.Hook(Detached(after)).Failed();
        Assert.Contains("Read-only file system", after.LoggedError(), StringComparison.Ordinal);
        Assert.Equal(engines, File.ReadAllBytes(after.ConfigFile));

        // The built-in policy must let the node boot, and an exec finds what it is held to in the runtime's own state.
        node.With("policyStore", Path.Combine(node.Folder, "none")).Hook(Detached(after)).Succeeded();
        Assert.Equal(ProcessStatus.SeccompFilter, Exec(node, after).Seccomp);
        Assert.Equal(0ul, Exec(node, after).Bounding & 1ul << 21);   // CAP_SYS_ADMIN, which the container does not have
    }

    [Fact]
    public void A_journal_that_is_gone_is_begun_anew_and_one_that_has_no_place_stops_nothing()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using TestBundle first = new(image, "/bin/sleep", "60"), second = new(image);
        node.Hook(Detached(first)).Succeeded();
        Directory.Delete(Path.Combine(node.Folder, "journal"), recursive: true);
        Assert.Equal(s_hardened, Exec(node, first));
        Assert.Equal("exec", Assert.Single(node.Decisions).Verb);

        node.With("journal", "/proc/no/place");
        Assert.Equal(s_hardened, Exec(node, first));
        Assert.Equal(s_hardened, ProcessStatus.Parse(node.Hook(second.Arguments("run")).Succeeded().Text));
    }

    [Theory]
    [InlineData("create", "refuse")]
    [InlineData("create", "builtin")]
    [InlineData("exec", "refuse")]
    public void However_few_descriptors_there_are_nothing_starts_half_hardened(string verb, string whenBroken)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string file = verb == "create" ? bundle.ConfigFile : Path.Combine(bundle.Path, "process.json");
        if (verb == "exec")
        {
            node.With("runtime", "/bin/true").Hook(bundle.Arguments("create")).Succeeded();
            File.WriteAllText(file, Greedy);
        }

        byte[] engines = File.ReadAllBytes(file);
        string[] arguments = verb == "create" ? ["--root", bundle.Root, "create", "--bundle", bundle.Path, bundle.Id] : ["--root", bundle.Root, "exec", "--process", file, bundle.Id];
        // A shell needs more descriptors than some of the limits leave.
        node.With("runtime", WitnessProgram.Build(node.Folder)).With("whenBroken", whenBroken);
        var whole = new HashSet<string>();
        foreach (string store in whenBroken == "builtin" ? (string[])[node.Store, Path.Combine(node.Folder, "none")] : [node.Store])
        {
            Command.Run(Published.Hook, arguments, Watched(node.With("policyStore", store))).Succeeded();
            whole.Add(File.ReadAllText(file));
            File.WriteAllBytes(file, engines);
        }

        node.With("policyStore", node.Store);
        int started = 0, said = 0;
        for (int limit = 3; limit < 40; limit++)
        {
            File.Delete(Started(node));
            File.WriteAllBytes(file, engines);
            Outcome outcome = OnAnEmptyNode(Watched(node), ["prlimit", $"--nofile={limit}:{limit}", Published.Hook, .. arguments]);
            bool isStarted = File.Exists(Started(node)), isWhole = whole.Contains(File.ReadAllText(file));
            Assert.True(isWhole || (!isStarted && engines.AsSpan().SequenceEqual(File.ReadAllBytes(file))), $"with {limit} descriptors the runtime was {(isStarted ? "" : "not ")}started with\n{File.ReadAllText(file)}");
            Assert.Equal(isStarted, outcome.ExitCode == 0);
            started += isStarted ? 1 : 0;
            said += outcome.ErrorText.Contains("Too many open files", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(started > 10 && said > 2, $"the runtime was started {started} times, and the hook said {said} times that it has too few descriptors");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_node_with_everything_broken_starts_containers_under_the_built_in_policy_or_as_they_are_when_paused(bool isPaused)
    {
        using var node = new Installation();
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        string process = Path.Combine(bundle.Path, "process.json");
        File.WriteAllText(process, Greedy);
        // Settings that are no JSON; files where the policies, the journal and the records should be.
        string script = $$"""
            mkdir /etc/hardening /run/hardening /var/lib/hardening
            echo '{' > /etc/hardening/hook.json
            {{(isPaused ? "echo 'by hand' > /etc/hardening/paused" : "")}}
            for place in /run/hardening/containers /var/lib/hardening/policy /var/lib/hardening/journal; do echo broken > $place; done
            {{Published.Hook}} --root {{bundle.Root}} run --detach --bundle {{bundle.Path}} {{bundle.Id}} >/dev/null || exit 90
            exec {{Published.Hook}} --root {{bundle.Root}} exec --process {{process}} {{bundle.Id}}
            """;

        ProcessStatus joined = ProcessStatus.Parse(OnAnEmptyNode(null, ["/bin/sh", "-c", script]).Succeeded().Text);

        Assert.Equal(isPaused ? 0 : ProcessStatus.SeccompFilter, joined.Seccomp);
        Assert.Equal(isPaused ? 1ul << 21 : 0, joined.Bounding & 1ul << 21);   // CAP_SYS_ADMIN: asked for, and more than the container has
    }

    private static string[] Detached(TestBundle bundle) => [.. bundle.Arguments("run")[..^1], "--detach", bundle.Id];

    private static ProcessStatus Exec(Installation node, TestBundle bundle)
    {
        string process = Path.Combine(bundle.Path, "process.json");
        File.WriteAllText(process, Greedy);
        return ProcessStatus.Parse(node.Hook("--root", bundle.Root, "exec", "--process", process, bundle.Id).Succeeded().Text);
    }

    // What the hook falls back to must not be this machine's own.
    private static Outcome OnAnEmptyNode(IReadOnlyDictionary<string, string>? environment, string[] line)
    {
        const string Script = """
            for folder in /etc /var/lib /run; do mount -t tmpfs none "$folder" || exit 99; done
            exec "$@"
            """;
        return Command.Run("unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", Script, "sh", .. line], environment);
    }

    private static string Started(Installation node) => Path.Combine(node.Folder, "started");

    private static Dictionary<string, string> Watched(Installation node) => new(node.Environment) { ["WITNESS"] = Started(node) };
}
