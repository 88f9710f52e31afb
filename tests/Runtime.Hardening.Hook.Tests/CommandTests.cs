using System.Text;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Settings;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook.Tests;

/// <summary>create and exec on real folders, up to the moment when the hook would become the runtime.</summary>
public sealed class CommandTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void APausedNodePassesASpecThroughThatWeWouldRefuse()
    {
        const string Refused = """{"process":{"noNewPrivileges":true,"NoNewPrivileges":false}}""";
        _folder.Write("bundle/config.json", Encoding.UTF8.GetBytes(Refused));
        Assert.ThrowsAny<HardeningFormatException>(() => Create(Node()));
        _folder.Write("paused", []);
        Assert.Equal("/bin/runtime", Create(Node()));
        Assert.Equal(Refused, File.ReadAllText(_folder["bundle/config.json"]));
        JournalEntry line = Assert.Single(Journal());
        Assert.Equal(JournalDecision.PassThrough, line.Decision);
        Assert.Contains("second spelling", line.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADecisionWithoutARecordIsOneJournalLineThatSaysSo()
    {
        _folder.Write("bundle/config.json", """{"process":{},"linux":{}}"""u8);
        _folder.Write("records", "a file where a folder should be"u8);
        Create(Node());
        JournalEntry line = Assert.Single(Journal());
        Assert.Equal(JournalDecision.Allow, line.Decision);
        Assert.Contains("There is no record of it", line.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheRuntimeOfAContainerIsTheSameForEveryVerb()
    {
        // The spec says Podman and the root says Docker; start, exec and delete see the root alone.
        _folder.Write("bundle/config.json", """{"process":{},"linux":{},"annotations":{"io.container.manager":"libpod"}}"""u8);
        HookNode node = Node(""","runtimes":{"docker":"/bin/docker-runtime"}""");
        var entry = new JournalEntry();
        string[] docker = ["--root", "/run/docker/runtime-runc/moby"];
        string create = CreateCommand.Harden(RuntimeArguments.Parse([.. docker, "create", "--bundle", _folder["bundle"], "c1"]), node, ref entry);
        string exec = ExecCommand.Harden(RuntimeArguments.Parse([.. docker, "exec", "c1", "sh"]), node, ref entry).Runtime;
        Assert.Equal(("/bin/docker-runtime", "/bin/docker-runtime"), (create, exec));
    }

    [Theory]
    [InlineData("exec --no-new-privs=false c1 sh", "--no-new-privs=false")]
    [InlineData("exec c1 sh", null)]
    [InlineData("exec c1 sh --no-new-privs", null)]
    [InlineData("exec --no-new-privs --cap CAP_SYS_ADMIN c1 sh", "--cap CAP_SYS_ADMIN")]
    [InlineData("exec --no-new-privs --cap chown c1 sh", "--cap chown")]
    [InlineData("exec --no-new-privs --cap kill c1 sh", null)]
    [InlineData("exec --no-new-privs --apparmor unconfined c1 sh", "--apparmor unconfined")]
    [InlineData("exec --no-new-privs c1 sh", null)]
    [InlineData("exec --cwd /tmp/../dev c1 sh --cwd /proc/self/fd/3", null)]
    [InlineData("exec --cwd /proc/self/fd/3 c1 sh", "--cwd /proc/self/fd/3")]
    [InlineData("exec --cw=/dev/fd/3/../.. c1 sh", "--cwd /dev/fd/3/../..")]
    [InlineData("exec --cwd / -cwd /proc/1/root c1 sh", "--cwd /proc/1/root")]
    public void FlagsOfAnExecAskForNoMoreThanTheContainerHas(string line, string? refusal)
    {
        Assert.True(CapabilitySet.TryParse("CAP_KILL", out CapabilitySet kill));
        Assert.True(CapabilitySet.TryParse("CAP_CHOWN", out CapabilitySet chown));
        CapabilitySet[] sets = [.. Enumerable.Repeat(kill, Ceiling.CapabilitySets)];
        sets[0] = kill.Union(chown);   // bounding alone: a process that is not root has it in no other set
        HookNode node = Node();
        node.Records.Write(new ContainerRecord
        {
            Id = "c1", Root = "", Bundle = "/b", Decision = JournalDecision.Allow, Created = s_now, Policies = ["p"],
            Ceiling = new Ceiling { NoNewPrivileges = true, Capabilities = sets, AppArmorProfile = "ours" },
        });
        IReadOnlyList<string> Exec()
        {
            var entry = new JournalEntry();
            return ExecCommand.Harden(RuntimeArguments.Parse(line.Split(' ')), node, ref entry).Arguments;
        }

        if (refusal is null)
        {
            Assert.Single(Exec().TakeWhile(static word => word != "c1"), "--no-new-privs");   // given, or put in: crun would forget it
        }
        else
        {
            Assert.Contains(refusal, Assert.Throws<Refusal>(Exec).Message, StringComparison.Ordinal);
        }
    }

    // The runtime of these tests is /bin/runtime.
    [Theory]
    [InlineData("", "exec c1 sh", true)]
    [InlineData("", "--root=/run/runtime exec c1 sh", true)]
    [InlineData("", "--root /run/runtime/ exec c1 sh", true)]
    [InlineData("/run/runtime", "exec c1 sh", true)]
    [InlineData("", "--root=/run/other exec c1 sh", false)]
    [InlineData("/run/other", "exec c1 sh", false)]
    public void TheRuntimesOwnRootSpelledOutOrLeftOutIsTheSameContainer(string recorded, string line, bool isHeld)
    {
        HookNode node = Node();
        node.Records.Write(new ContainerRecord
        {
            Id = "c1", Root = recorded, Bundle = "/b", Decision = JournalDecision.Allow, Created = s_now, Policies = ["p"], Ceiling = new Ceiling { NoNewPrivileges = true },
        });
        var entry = new JournalEntry();
        Assert.Equal(isHeld, ExecCommand.Harden(RuntimeArguments.Parse(line.Split(' ')), node, ref entry).Arguments.Contains("--no-new-privs"));
        Assert.Equal(isHeld ? JournalDecision.Allow : JournalDecision.PassThrough, entry.Decision);
    }

    [Theory]
    [InlineData("", "/run/runtime")]
    [InlineData("/run/runtime", "")]
    public void OfTwoRecordsOfOneContainerTheNewerIsTheLivingOnes(string older, string newer)
    {
        HookNode node = Node();
        var record = new ContainerRecord { Id = "c1", Root = older, Bundle = "/b", Decision = JournalDecision.Unmatched, Created = s_now - TimeSpan.FromHours(1) };
        node.Records.Write(record);
        node.Records.Write(record with { Root = newer, Created = s_now, Decision = JournalDecision.Allow, Ceiling = new Ceiling { NoNewPrivileges = true } });
        foreach (string line in (string[])["exec c1 sh", "--root /run/runtime exec c1 sh"])
        {
            var entry = new JournalEntry();
            Assert.Contains("--no-new-privs", ExecCommand.Harden(RuntimeArguments.Parse(line.Split(' ')), node, ref entry).Arguments);
        }
    }

    [Fact]
    public void APausePassesExecsThroughTooEvenOverADamagedRecord()
    {
        HookNode node = Node();
        node.Records.Write(new ContainerRecord { Id = "c1", Root = "", Bundle = "/b", Decision = JournalDecision.Allow });
        _folder.Write("records/" + RecordKey.FileName("", "c1"), "{"u8);
        var entry = new JournalEntry();
        Assert.ThrowsAny<HardeningFormatException>(() => ExecCommand.Harden(RuntimeArguments.Parse(["exec", "c1", "sh"]), node, ref entry));
        _folder.Write("paused", []);
        Assert.Equal(["exec", "c1", "sh"], ExecCommand.Harden(RuntimeArguments.Parse(["exec", "c1", "sh"]), node, ref entry).Arguments);
        Assert.Equal(JournalDecision.PassThrough, Assert.Single(Journal()).Decision);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheRecordOfARunningContainerSurvivesASecondCreateOfItsId(bool isPaused)
    {
        if (isPaused)
        {
            _folder.Write("paused", []);
        }

        string root = _folder["runc"];
        HookNode node = Node();
        var record = new ContainerRecord { Id = "c1", Root = root, Bundle = "/the/first", Decision = JournalDecision.Allow };
        node.Records.Write(record);
        Directory.CreateDirectory(Path.Combine(root, "c1"));
        _folder.Write("bundle/config.json", """{"process":{},"linux":{}}"""u8);
        var entry = new JournalEntry();
        CreateCommand.Harden(RuntimeArguments.Parse(["--root", root + "/", "create", "--bundle", _folder["bundle"], "c1"]), node, ref entry);
        Assert.Equal("/the/first", node.Records.Find(root, "c1")!.Bundle);
    }

    [Fact]
    public void ProbesByExecForAnHourDoNotGrowTheJournal()
    {
        // A thousand containers, each probed every ten seconds for an hour: here every tenth of both, which is all the same to a journal.
        const int Containers = 100, Probes = 36;
        HookNode node = Node();
        for (int i = 0; i < Containers; i++)
        {
            node.Records.Write(new ContainerRecord { Id = $"c{i}", Root = "/r", Bundle = "/b", Decision = JournalDecision.Allow, Created = s_now, Ceiling = new Ceiling { NoNewPrivileges = true } });
        }

        void ProbeAll()
        {
            for (int i = 0; i < Containers; i++)
            {
                var entry = new JournalEntry { Id = $"c{i}", Verb = "exec" };
                ExecCommand.Harden(RuntimeArguments.Parse(["--root", "/r", "exec", $"c{i}", "probe"]), node, ref entry);
            }
        }

        ProbeAll();
        Assert.Equal(Containers, Journal().Length);
        for (int i = 1; i < Probes; i++)
        {
            ProbeAll();
        }

        Assert.Equal(Containers, Journal().Length);
    }

    [Fact]
    public void AContainerThatTheRuntimeDoesNotKnowEitherIsTheRuntimesToRefuse()
    {
        HookNode node = Node();
        var entry = new JournalEntry();
        string[] exec = ["--root", _folder["runc"], "exec", "c1", "sh"];
        Assert.Equal(exec, ExecCommand.Harden(RuntimeArguments.Parse(exec), node, ref entry).Arguments);
        Assert.Equal(JournalDecision.PassThrough, entry.Decision);
        Assert.Contains("the runtime has no folder", entry.Message, StringComparison.Ordinal);
        Assert.Contains("whenBroken: refuse", Assert.Throws<Refusal>(() => ExecCommand.Harden(RuntimeArguments.Parse(exec), Node(""","whenBroken":"refuse" """), ref entry)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CrunsCopyOfTheSpecTellsTheCeilingToo()
    {
        _folder.Write("crun/c1/config.json", """{"process":{"noNewPrivileges":true},"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO"}}}"""u8);
        HookNode node = Node();
        var entry = new JournalEntry();
        Assert.Contains("--no-new-privs", ExecCommand.Harden(RuntimeArguments.Parse(["--root", _folder["crun"], "exec", "c1", "sh"]), node, ref entry).Arguments);
        Assert.True(node.Records.Find(_folder["crun"], "c1")!.Ceiling is { NoNewPrivileges: true, Seccomp: true });
    }

    [Fact]
    public void AStateThatIsThereAndCannotBeReadStopsAnExecAndNoUpdate()
    {
        // A link is what the kernel refuses to open here; on a node it is a disk, or a table of open files that is full.
        Directory.CreateDirectory(_folder["runc/c1"]);
        File.CreateSymbolicLink(_folder["runc/c1/state.json"], "/dev/null");
        var entry = new JournalEntry { Verb = "update" };
        string[] exec = ["--root", _folder["runc"], "exec", "c1", "sh"], update = ["--root", _folder["runc"], "update", "--pids-limit", "9", "c1"];
        Assert.Contains("runc/c1/state.json", Assert.ThrowsAny<HardeningFormatException>(() => ExecCommand.Harden(RuntimeArguments.Parse(exec), Node(), ref entry)).Message, StringComparison.Ordinal);
        Assert.Equal(update, UpdateCommand.Hold(RuntimeArguments.Parse(update), Node(), ref entry).Arguments);
        Assert.Contains("not known", Assert.Single(Journal()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhereRecordsHaveNoFolderThereIsNoRecord()
    {
        _folder.Write("records", "a file where a folder should be"u8);
        _folder.Write("runc/c1/state.json", """{"config":{"no_new_privileges":true}}"""u8);
        var entry = new JournalEntry();
        Assert.Contains("--no-new-privs", ExecCommand.Harden(RuntimeArguments.Parse(["--root", _folder["runc"], "exec", "c1", "sh"]), Node(), ref entry).Arguments);
        Assert.Equal(LostRecord.Rebuilt, Assert.Single(Journal()).Message);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("")]
    public void AnIdThatIsNoNameLeadsNowhere(string id)
    {
        _folder.Write("runc/b/state.json", """{"config":{}}"""u8);
        var entry = new JournalEntry();
        ExecCommand.Harden(RuntimeArguments.Parse(["--root", _folder["runc"], "exec", "--", id, "sh"]), Node(), ref entry);
        Assert.Equal(JournalDecision.PassThrough, entry.Decision);
    }

    [Fact]
    public void ARebuiltRecordNeverTakesThePlaceOfOneThatIsThere()
    {
        HookNode node = Node();
        var record = new ContainerRecord { Id = "c1", Root = "/r", Bundle = "/new", Decision = JournalDecision.Allow };
        node.Records.Write(record);
        Assert.ThrowsAny<HardeningFormatException>(() => node.Records.Write(record with { Bundle = "" }, onlyIfAbsent: true));
        Assert.Equal("/new", node.Records.Find("/r", "c1")!.Bundle);
    }

    [Fact]
    public void ASpecBeyondAllMeasureIsRefusedWithASentence()
    {
        Directory.CreateDirectory(_folder["bundle"]);
        using (FileStream file = File.Create(_folder["bundle/config.json"]))
        {
            file.SetLength(3L << 30);   // sparse: it takes no room
        }

        Assert.Contains("larger than", Assert.Throws<HardeningFormatException>(() => Create(Node())).Message, StringComparison.Ordinal);
    }

    private string Create(HookNode node)
    {
        var entry = new JournalEntry();
        return CreateCommand.Harden(RuntimeArguments.Parse(["create", "--bundle", _folder["bundle"], "c1"]), node, ref entry);
    }

    private HookNode Node(string more = "")
    {
        string json = $$"""{"runtime":"/bin/runtime","policyStore":"{{_folder["none"]}}","stateDirectory":"{{_folder["records"]}}","journal":"{{_folder["journal"]}}"{{more}}}""";
        NodeSettings settings = NodeSettings.Parse(Encoding.UTF8.GetBytes(json), "hook.json");
        return new HookNode(
            new HookSettings(settings, _folder["hook.json"], "", IsBroken: false), new JournalWriter(settings.Journal), new RecordStore(settings.StateDirectory), s_now);
    }

    private JournalEntry[] Journal()
        => [.. File.ReadAllLines(Path.Combine(_folder["journal"], JournalSegment.ActiveName(JournalSegment.Decisions))).Skip(1).Select(static line =>
        {
            Assert.True(JournalEntry.TryParse(Encoding.UTF8.GetBytes(line), out JournalEntry entry));
            return entry;
        })];
}
