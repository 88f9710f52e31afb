using System.Diagnostics;
using System.Globalization;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>
/// Two hundred containers at once, while hardeningd is killed again and again, the receiver is away and the journal's disk is full. The same with a full
/// disk under everything, and with cgroup v2, happens in an emulated machine (tests/vm/checks/load.sh).
/// </summary>
public sealed class LoadTests(TestImage image) : IAsyncLifetime
{
    private const int Containers = 200, AtOnce = 8, RefusedOneIn = 10;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly ContainerdNode _node = new(image);
    private readonly Dictionary<string, Outcome> _outcomes = [];

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Journal);
        Command.Run("mount", ["-t", "tmpfs", "-o", "size=4m,mode=0750", "tmpfs", Journal]).Succeeded();
        await _node.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        RemoveAll();
        Command.Run("umount", [Journal]).Succeeded();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task Two_hundred_containers_at_once_are_all_hardened_and_told_whatever_fails_around_them()
    {
        using var receiver = new Receiver();
        await receiver.ReadyAsync();
        Dictionary<string, string> variables = receiver.Variables("grpc");
        Start("warm");
        Remove("warm");
        (IReadOnlyList<string> before, int descriptorsBefore) = (Leftovers.Of(_node), Leftovers.DescriptorsOf(_node));

        int deaths = await CreateWhileEverythingFailsAsync(receiver, variables);

        Assert.True(deaths >= 3, $"hardeningd was killed {deaths} times only");
        foreach ((string id, Outcome outcome) in _outcomes)
        {
            if (IsRefused(id))
            {
                Assert.Contains("privileged", outcome.Failed().ErrorText, StringComparison.Ordinal);
            }
            else
            {
                outcome.Succeeded();
            }
        }

        EveryContainerIsHardenedAndHasItsRecord();
        await EveryDecisionIsInTheJournalOrCountedAndArrivesAsync(receiver, variables);
        RemoveAll();
        await Wait.UntilAsync(() => !Leftovers.Of(_node).Except(before).Any(), s_patience, () => $"left behind:\n{string.Join('\n', Leftovers.Of(_node).Except(before))}");
        int descriptors = Leftovers.DescriptorsOf(_node);
        Assert.True(descriptors <= descriptorsBefore + 4, $"containerd has {descriptors} files open, before all containers it had {descriptorsBefore}");
    }

    private static ParallelOptions Options => new() { MaxDegreeOfParallelism = AtOnce };

    private string Journal => Path.Combine(_node.Installation.Folder, "journal");

    private string Filler => Path.Combine(Journal, "filler");

    private static bool IsRefused(string id) => id[0] == 'c' && int.Parse(id[1..], CultureInfo.InvariantCulture) % RefusedOneIn == 0;

    private async Task<int> CreateWhileEverythingFailsAsync(Receiver receiver, Dictionary<string, string> variables)
    {
        using var done = new CancellationTokenSource();
        Task<int> killing = Task.Run(() => KillAgainAndAgainAsync(variables, done.Token));
        Create(1, Containers / 3);
        receiver.GoAway();
        // Everything that is left, down to the room in a page that the journal has begun: lines that are cut short must be counted too.
        Assert.ThrowsAny<IOException>(() => File.WriteAllBytes(Filler, new byte[16 * 1024 * 1024]));
        Create((Containers / 3) + 1, Containers / 3);
        File.Delete(Filler);
        receiver.ComeBack();
        Create((Containers / 3 * 2) + 1, Containers - (Containers / 3 * 2));
        await done.CancelAsync();
        return await killing;
    }

    private void Create(int first, int count) => Parallel.ForEach(Enumerable.Range(first, count), Options, number => Start($"c{number}"));

    private void Start(string id)
    {
        Outcome outcome = _node.TryStart(_node.Hardened, id, IsRefused(id) ? ["--privileged"] : []);
        lock (_outcomes)
        {
            _outcomes[id] = outcome;
        }
    }

    private async Task<int> KillAgainAndAgainAsync(Dictionary<string, string> variables, CancellationToken done)
    {
        int deaths = 0;
        while (!done.IsCancellationRequested)
        {
            using var daemon = new Daemon(_node, "load", variables);
            await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None);
            daemon.Crash();
            deaths++;
        }

        return deaths;
    }

    private void EveryContainerIsHardenedAndHasItsRecord()
    {
        IReadOnlyDictionary<string, int> processes = _node.Processes(_node.Hardened);
        foreach (string id in _outcomes.Keys.Where(id => !IsRefused(id)))
        {
            ProcessStatus status = ProcessStatus.OfProcess(processes[id]);
            Assert.True(status.NoNewPrivileges, id);
            Assert.Equal(ProcessStatus.SeccompFilter, status.Seccomp);
            Assert.Equal(0ul, status.Bounding & ~ProcessStatus.NetBindService);
            ContainerRecord record = _node.Installation.ReadRecord(_node.RuntimeRoot(_node.Hardened), id);
            Assert.True(record.Ceiling!.Seccomp, id);
        }

        Assert.DoesNotContain(processes.Keys, IsRefused);
    }

    private async Task EveryDecisionIsInTheJournalOrCountedAndArrivesAsync(Receiver receiver, Dictionary<string, string> variables)
    {
        int refused = _outcomes.Keys.Count(IsRefused);
        JournalFile[] streams =
        [
            // And the warm-up's.
            JournalFile.Read(Journal, JournalSegment.Decisions, 1 + _outcomes.Count - refused), JournalFile.Read(Journal, JournalSegment.Refusals, refused),
        ];
        Assert.All(streams, stream => Assert.Equal(stream.Expected, stream.Ids.Count + stream.CutShort + stream.Unwritten));
        Assert.All(streams, stream => Assert.Equal(stream.Ids.Count, stream.Ids.Values.Distinct().Count()));
        Assert.True(streams.Sum(stream => stream.Unwritten) > 0, "the disk was full for a third of the containers, and no line was left out");

        using var daemon = new Daemon(_node, "load", variables);
        Dictionary<string, string> expected = streams.SelectMany(stream => stream.Ids).ToDictionary(pair => pair.Key, pair => pair.Value);
        List<(string Event, string Container)> arrived = [];
        await Wait.UntilAsync(
            () =>
            {
                arrived = [.. receiver.Received.Events.Where(e => e.Name == "container.hardening.decision").Select(e => (e.Attributes["event.id"], e.Resource["container.id"]))];
                return expected.Keys.All(arrived.Select(pair => pair.Event).ToHashSet().Contains);
            },
            s_patience,
            () => $"did not arrive: {string.Join(' ', expected.Keys.Except(arrived.Select(pair => pair.Event)))}\nhardeningd:\n{daemon.Log}");
        Assert.All(arrived, pair => Assert.Equal(expected[pair.Event], pair.Container));
        await Wait.UntilAsync(
            () => receiver.Received.Events.Where(e => e.Name == "hardening.journal.unwritten")
                .Sum(e => long.Parse(e.Attributes["hardening.journal.unwritten.count"], CultureInfo.InvariantCulture)) >= streams.Sum(stream => stream.Unwritten),
            s_patience,
            () => $"the receiver was not told of the lines that found no room.\nhardeningd:\n{daemon.Log}");
    }

    private void RemoveAll() => Parallel.ForEach(_outcomes.Keys.ToArray(), Options, Remove);

    private void Remove(string id)
    {
        _node.Ctr(_node.Hardened, "task", "rm", "--force", id);
        _node.Ctr(_node.Hardened, "container", "rm", id);
        lock (_outcomes)
        {
            _outcomes.Remove(id, out _);
        }
    }
}
