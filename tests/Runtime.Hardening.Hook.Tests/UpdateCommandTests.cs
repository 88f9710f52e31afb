using System.Text;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Settings;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook.Tests;

/// <summary>update on real files, up to the moment when the hook would become the runtime. Standard input is the end-to-end tests'.</summary>
public sealed class UpdateCommandTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AFileThatLiftsABoundIsReplacedByASealedCopyAndStaysAsItIs()
    {
        HookNode node = Bounded();
        const string Given = """{"pids":{"limit":-1}, "x" : 1e2}""";
        string file = _folder.Write("resources.json", Encoding.UTF8.GetBytes(Given));
        string[] arguments = [.. Update(node, "update", "--resources", file, "c1")];
        Assert.Equal(("--resources", "c1"), (arguments[1], arguments[3]));
        Assert.StartsWith("/proc/self/fd/", arguments[2], StringComparison.Ordinal);
        Assert.Equal("""{"pids":{"limit":512}, "x" : 1e2}""", File.ReadAllText(arguments[2]));
        Assert.Equal(Given, File.ReadAllText(file));
        using (Microsoft.Win32.SafeHandles.SafeFileHandle copy = File.OpenHandle(arguments[2], FileMode.Open, FileAccess.ReadWrite))
        {
            Assert.ThrowsAny<Exception>(() => RandomAccess.Write(copy, "x"u8, 0));   // EPERM: nobody changes what was judged
        }

        JournalEntry line = Assert.Single(Journal(JournalSegment.Decisions));
        Assert.Equal(("update", JournalDecision.Allow, "c1"), (line.Verb, line.Decision, line.Id));
        Assert.Equal([new JournalChange("linux.resources.pids.limit", "resources", "p", "-1", "512")], line.Changes);
    }

    [Fact]
    public void AFileWithinTheBoundsReachesTheRuntimeByteForByteWithoutAWord()
    {
        HookNode node = Bounded();
        const string Given = "{\"pids\": {\"limit\":5}} \n";
        string[] arguments = [.. Update(node, "update", $"--resources={_folder.Write("r.json", Encoding.UTF8.GetBytes(Given))}", "c1")];
        Assert.Equal(Given, File.ReadAllText(arguments[1]["--resources=".Length..]));
        Assert.False(Directory.Exists(_folder["journal"]));
    }

    [Theory]
    [InlineData("update --resources /no/such/file c2")]
    [InlineData("update --pids-limit -1 c2")]
    [InlineData("update --of-tomorrow x c2")]
    [InlineData("update --pids-limit -1 c3")]
    [InlineData("--root /run/other update --pids-limit -1 c1")]
    [InlineData("update")]
    public void WhereNothingIsBoundedTheRuntimeDecidesAlone(string line)
    {
        HookNode node = Bounded();
        node.Records.Write(Record("c2", new Ceiling()));
        Assert.Equal(line.Split(' '), Update(node, line.Split(' ')));
        Assert.False(Directory.Exists(_folder["journal"]));
    }

    [Theory]
    [InlineData("update --pids-limit -1 c1", "linux.resources.pids.limit")]
    [InlineData("update --pids-limit 513 c1", "at most 512")]
    [InlineData("update c1 --pids-limit 513", "at most 512")]
    [InlineData("--root /run/runtime update --pids-limit 513 c1", "at most 512")]
    [InlineData("update --pids-limit 0x300 c1", "plain decimal number")]
    [InlineData("update --pids-limit 01000 c1", "plain decimal number")]
    [InlineData("update --memory 2g c1", "linux.resources.memory.limit")]
    [InlineData("update --memory 1.5m c1", "cannot be compared")]
    [InlineData("update --memory 99999999999g c1", "cannot be compared")]
    [InlineData("update --memory=-1 --memory-swap=-1 c1", "linux.resources.memory.limit")]
    [InlineData("update --cpu-quota -1 c1", "linux.resources.cpu.quota")]
    [InlineData("update --cpu-quota 200000 --cpu-period 100000 c1", "linux.resources.cpu.quota")]
    [InlineData("update --cpu-period 1000 c1", "give both")]
    [InlineData("update --cpus 9 c1", "'--cpus' is no flag")]
    [InlineData("update --resources - c1 c2", "one container id")]
    [InlineData("update --resources /no/such/file c1", "No such file")]
    public void WhatWouldLiftABoundOrCannotBeReadIsRefusedWithItsReason(string line, string word)
        => Assert.Contains(word, Assert.ThrowsAny<Exception>(() => Update(Bounded(), line.Split(' '))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("update --pids-limit 512 --memory 1024k --memory-swap -1 --cpu-quota 50000 --cpu-period 50000 --cpu-share 5 c1")]
    [InlineData("update --pids-limit 0 --blkio-weight 10 c1")]
    [InlineData("update c1")]
    [InlineData("update --help")]
    public void FlagsWithinTheBoundsStayAsTheyAre(string line) => Assert.Equal(line.Split(' '), Update(Bounded(), line.Split(' ')));

    [Theory]
    [InlineData("{\"pids\":{\"limit\":-1}", "not valid JSON at line 1, byte 21")]
    [InlineData("", "are empty; expected a JSON object")]
    [InlineData("{]", "not valid JSON at line 1, byte 2")]
    public void ResourcesThatAreNoJsonAreRefused(string json, string expected)
    {
        string file = _folder.Write("r.json", Encoding.UTF8.GetBytes(json));
        Assert.Contains(expected, Assert.Throws<Refusal>(() => Update(Bounded(), "update", "-r", file, "c1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APauseLetsAnUpdateThroughAndSaysSoEvenOverADamagedRecord()
    {
        HookNode node = Bounded();
        _folder.Write("paused", []);
        string[] line = ["update", "--pids-limit", "-1", "c1"];
        Assert.Equal(line, Update(node, line));
        Assert.Equal(JournalDecision.PassThrough, Assert.Single(Journal(JournalSegment.Decisions)).Decision);
        _folder.Write("records/" + RecordKey.FileName("", "c1"), "{"u8);
        Assert.Equal(line, Update(node, line));
        File.Delete(_folder["paused"]);
        Assert.ThrowsAny<HardeningFormatException>(() => Update(node, line));
    }

    [Fact]
    public async Task ResourcesAreTakenWhenTheyAreCompleteAlthoughTheWriterKeepsThePipe()
    {
        string fifo = _folder["fifo"];
        using (System.Diagnostics.Process make = System.Diagnostics.Process.Start("mkfifo", fifo))
        {
            make.WaitForExit();
        }

        using var written = new ManualResetEventSlim();
        Task writer = Task.Run(() =>
        {
            using var pipe = new FileStream(fifo, FileMode.Open, FileAccess.Write);
            foreach (string part in (string[])["{\"pids\":{\"li", "mit\":600},\"unified\":", $"{{\"a.b\":\"{new string('x', 40_000)}\"}}}}"])
            {
                pipe.Write(Encoding.UTF8.GetBytes(part));
                pipe.Flush();
                Thread.Sleep(20);
            }

            Assert.True(written.Wait(TimeSpan.FromSeconds(30)), "the reader waited for the end of the pipe");
        }, TestContext.Current.CancellationToken);
        string copy = Update(Bounded(), "update", "-r", fifo, "c1")[2];
        written.Set();
        await writer;
        Assert.Equal("{\"pids\":{\"limit\":512},\"unified\":{\"a.b\":\"" + new string('x', 40_000) + "\"}}", File.ReadAllText(copy));
    }

    private static IReadOnlyList<string> Update(HookNode node, params string[] line)
    {
        var entry = new JournalEntry { Verb = "update" };
        (string runtime, IReadOnlyList<string> arguments) = UpdateCommand.Hold(RuntimeArguments.Parse(line), node, ref entry);
        Assert.Equal("/bin/runtime", runtime);
        return arguments;
    }

    // The runtime of these tests is /bin/runtime, and c1 its one container that is bounded.
    [Fact]
    public void AnUpdateOfAContainerWithoutARecordIsSaidOnceOrRefusedAsWhenBrokenSays()
    {
        _folder.Write("runc/c9/state.json", """{"config":{"no_new_privileges":true}}"""u8);
        string[] line = ["--root", _folder["runc"], "update", "--pids-limit", "-1", "c9"];
        Assert.Contains("whenBroken: refuse", Assert.Throws<Refusal>(() => Update(Bounded(""","whenBroken":"refuse" """), line)).Message, StringComparison.Ordinal);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(line, Update(Bounded(), line));
        }

        JournalEntry said = Assert.Single(Journal(JournalSegment.Decisions));
        Assert.Equal(("update", JournalDecision.PassThrough), (said.Verb, said.Decision));
        Assert.Contains("what policies bound is not known", said.Message, StringComparison.Ordinal);
        // A record that was made anew does not know it either.
        Assert.Throws<Refusal>(() => Update(Bounded(""","whenBroken":"refuse" """), line));
    }

    [Fact]
    public void AnExecThatMadeTheRecordAnewDoesNotSilenceTheFirstUpdate()
    {
        _folder.Write("runc/c9/state.json", """{"config":{"no_new_privileges":true}}"""u8);
        var entry = new JournalEntry { Verb = "exec" };
        ExecCommand.Harden(RuntimeArguments.Parse(["--root", _folder["runc"], "exec", "c9", "true"]), Bounded(), ref entry);
        string[] line = ["--root", _folder["runc"], "update", "--pids-limit", "-1", "c9"];
        for (int i = 0; i < 3; i++)
        {
            Update(Bounded(), line);
        }

        JournalEntry said = Assert.Single(Journal(JournalSegment.Decisions), static entry => entry.Verb == "update");
        Assert.Contains("what policies bound is not known", said.Message, StringComparison.Ordinal);
        // The mark is about the journal alone: what joins is held as before.
        Assert.True(Bounded().Records.Find(_folder["runc"], "c9")!.Ceiling!.NoNewPrivileges);
    }

    private HookNode Bounded(string more = "")
    {
        string json = $$"""{"runtime":"/bin/runtime","stateDirectory":"{{_folder["records"]}}","journal":"{{_folder["journal"]}}"{{more}}}""";
        NodeSettings settings = NodeSettings.Parse(Encoding.UTF8.GetBytes(json), "hook.json");
        var node = new HookNode(
            new HookSettings(settings, _folder["hook.json"], "", IsBroken: false), new JournalWriter(settings.Journal), new RecordStore(settings.StateDirectory), s_now);
        node.Records.Write(Record("c1", new Ceiling { Resources = new ResourceBounds(512, 1 << 20, 1000) }));
        return node;
    }

    private static ContainerRecord Record(string id, Ceiling ceiling)
        => new() { Id = id, Root = "", Bundle = "/b", Decision = JournalDecision.Allow, Created = s_now, Policies = ["p"], Ceiling = ceiling };

    private JournalEntry[] Journal(string stream)
        => [.. File.ReadAllLines(Path.Combine(_folder["journal"], JournalSegment.ActiveName(stream))).Skip(1).Select(static line =>
        {
            Assert.True(JournalEntry.TryParse(Encoding.UTF8.GetBytes(line), out JournalEntry entry));
            return entry;
        })];
}
