using System.Text;
using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Settings;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook.Tests;

/// <summary>The limits of a process that is described by flags: crun hands it those that it inherited itself.</summary>
public sealed class ExecLimitsTests : IDisposable
{
    private static readonly Rlimit s_files = new("RLIMIT_NOFILE", 5, 6);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("config.json", "exec c1 sh", true)]
    [InlineData("", "exec c1 sh", true)]            // a runtime that keeps its state elsewhere: better twice than never
    [InlineData("state.json", "exec c1 sh", false)]   // runc, which gives the container's own
    [InlineData("config.json", "exec --process PROCESS c1", false)]   // there they stand in the file
    public void AreTheContainersUnlessTheRuntimeSeesToIt(string state, string line, bool areLowered)
    {
        HookNode node = Node(s_files);
        string process = _folder.Write("process.json", """{"cwd":"/"}"""u8);
        if (state.Length > 0)
        {
            _folder.Write($"crun/c1/{state}", "{}"u8);
        }

        Assert.Equal(areLowered ? [s_files] : [], Limits(node, line.Replace("PROCESS", process, StringComparison.Ordinal)));

        string[] changes = [.. Journal()[^1].Changes.Select(static change => $"{change.Path} {change.After}")];
        Assert.Equal(state == "state.json" ? [] : ["process.rlimits RLIMIT_NOFILE=5/6"], changes);   // by us, by the file, or by nobody
    }

    [Fact]
    public void StayTheCallersWhereThoseAreNoHigher()
    {
        Rlimit own = ResourceLimits.Inherited("RLIMIT_NOFILE")!;
        Assert.Empty(Limits(Node(own), "exec c1 sh"));
        Assert.Empty(Limits(Node(new Rlimit("RLIMIT_NOFILE", Rlimit.Unlimited, Rlimit.Unlimited)), "exec c1 sh"));
        Assert.Empty(Limits(Node(), "exec c1 sh"));
        Assert.All(Journal(), static line => Assert.Empty(line.Changes));
    }

    [Fact]
    public void OfRepeatedExecsAreJournaledOnce()
    {
        HookNode node = Node(s_files);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal([s_files], Limits(node, "exec c1 sh"));
        }

        Assert.Single(Journal());
    }

    private Rlimit[] Limits(HookNode node, string line)
    {
        var entry = new JournalEntry { Verb = "exec" };
        return [.. ExecCommand.Harden(RuntimeArguments.Parse(["--root", _folder["crun"], .. line.Split(' ')]), node, ref entry).Limits];
    }

    private HookNode Node(params Rlimit[] limits)
    {
        string json = $$"""{"runtime":"/bin/runtime","stateDirectory":"{{_folder["records"]}}","journal":"{{_folder["journal"]}}"}""";
        NodeSettings settings = NodeSettings.Parse(Encoding.UTF8.GetBytes(json), "hook.json");
        var node = new HookNode(
            new HookSettings(settings, _folder["hook.json"], "", IsBroken: false), new JournalWriter(settings.Journal), new RecordStore(settings.StateDirectory), DateTimeOffset.UnixEpoch);
        node.Records.Write(new ContainerRecord
        {
            Id = "c1", Root = _folder["crun"], Bundle = "/b", Decision = JournalDecision.Allow, Policies = ["p"], Ceiling = new Ceiling { Rlimits = limits },
        });
        return node;
    }

    private JournalEntry[] Journal()
        => [.. File.ReadAllLines(Path.Combine(_folder["journal"], JournalSegment.ActiveName(JournalSegment.Decisions))).Skip(1).Select(static line =>
        {
            Assert.True(JournalEntry.TryParse(Encoding.UTF8.GetBytes(line), out JournalEntry entry));
            return entry;
        })];
}
