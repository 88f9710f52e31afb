using System.Globalization;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>What arrives at a real OpenTelemetry Collector, compared with the kernel's own files.</summary>
[Collection(OneContainerd.Name)]
public class TelemetryTests(ContainerdNode node)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly string[] s_busy = ["/bin/sh", "-c", "while :; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.2; done"];

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task The_values_that_arrive_are_those_of_the_cgroup_files(string protocol)
    {
        using var receiver = new Receiver();
        await receiver.ReadyAsync();
        string id = node.Start(node.Hardened, program: s_busy);
        string cpuStat = Path.Combine(CgroupOf(id), "cpu.stat");
        using var daemon = new Daemon(node, $"values-{protocol[..4]}", receiver.Variables(protocol));

        var reads = new List<(DateTimeOffset Before, DateTimeOffset After, long Microseconds)>();
        await Wait.UntilAsync(
            () =>
            {
                DateTimeOffset before = TimeProvider.System.GetUtcNow();
                long microseconds = UserMicroseconds(cpuStat);
                reads.Add((before, TimeProvider.System.GetUtcNow(), microseconds));
                return UserTime(receiver, id).Count() >= 4;
            },
            s_patience,
            () => $"fewer than 4 points of container.cpu.time arrived.\nhardeningd:\n{daemon.Log}\nCollector:\n{Tail(receiver.Log)}");
        await Task.Delay(1200, TestContext.Current.CancellationToken);
        reads.Add((TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow(), UserMicroseconds(cpuStat)));

        int compared = 0;
        foreach (ReceivedPoint point in UserTime(receiver, id))
        {
            // A point carries the time of its reading round, so the counter lies between our last read before it and our first one a second after.
            (DateTimeOffset, DateTimeOffset After, long Microseconds) lower = reads.LastOrDefault(read => read.After <= point.Time);
            (DateTimeOffset Before, DateTimeOffset, long Microseconds) upper = reads.FirstOrDefault(read => read.Before >= point.Time.AddSeconds(1));
            if (lower.After == default || upper.Before == default)
            {
                continue;
            }

            compared++;
            Assert.InRange(Math.Round(point.Value * 1e6), lower.Microseconds, upper.Microseconds);
            Assert.Equal(("s", "Sum", true), (point.Unit, point.Kind, point.Monotonic));
            Assert.True(point.Start < point.Time, "a counter starts before it is read");
        }

        Assert.True(compared >= 2, $"only {compared} points could be compared with two reads of {cpuStat}");
        Assert.All(receiver.Received.PointsOf(id), point => Assert.Equal("containerd", point.Resource["container.runtime.name"]));
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task The_events_of_every_kind_of_container_arrive(string protocol)
    {
        using var receiver = new Receiver();
        await receiver.ReadyAsync();
        using var daemon = new Daemon(node, $"events-{protocol[..4]}", receiver.Variables(protocol));
        string warmUp = node.Start(node.Unmatched);
        await Wait.UntilAsync(() => receiver.Received.PointsOf(warmUp).Any(), s_patience, () => $"hardeningd sent nothing:\n{daemon.Log}");

        string hardened = node.Start(node.Hardened);
        string bare = node.Start(node.Hardened, throughHook: false);
        string refused = $"refused-{protocol[..4]}";
        node.TryStart(node.NoRoot, refused).Failed();
        node.Ctr(node.NoRoot, "container", "rm", refused);

        Func<ReceivedEvent, bool> refusal = e => e.Name == "container.hardening.decision" && e.Attributes.GetValueOrDefault("hardening.decision") == "refuse";
        (string Container, string Event)[] expected =
        [
            (hardened, "container.lifecycle.started"), (hardened, "container.hardening.decision"), (hardened, "container.hardening.verified"),
            (bare, "container.lifecycle.started"), (bare, "container.hardening.unmanaged"),
        ];
        await Wait.UntilAsync(
            () => expected.All(e => receiver.Received.EventsOf(e.Container).Any(got => got.Name == e.Event)) && receiver.Received.EventsOf(refused).Any(refusal),
            s_patience,
            () => $"did not arrive: {string.Join(", ", expected.Where(e => receiver.Received.EventsOf(e.Container).All(got => got.Name != e.Event)))}\n"
                + $"refusal: {receiver.Received.EventsOf(refused).Any(refusal)}\nhardeningd:\n{daemon.Log}\nCollector:\n{Tail(receiver.Log)}");

        ReceivedEvent decision = receiver.Received.EventsOf(hardened).First(e => e.Name == "container.hardening.decision");
        Assert.Equal("allow", decision.Attributes["hardening.decision"]);
        Assert.Equal("create", decision.Attributes["hardening.verb"]);
        Assert.Equal("ERROR", receiver.Received.EventsOf(refused).First(refusal).Severity);
    }

    [Fact]
    public async Task A_dead_daemon_stops_no_container_and_is_told_afterwards()
    {
        using var receiver = new Receiver();
        await receiver.ReadyAsync();
        using (var daemon = new Daemon(node, "dead", receiver.Variables("grpc")))
        {
            string before = node.Start(node.Hardened);
            await Wait.UntilAsync(() => receiver.Received.EventsOf(before).Any(), s_patience, () => $"hardeningd sent nothing:\n{daemon.Log}");
            daemon.Crash();
        }

        string meanwhile = node.Start(node.Hardened);
        Assert.True(ProcessStatus.OfProcess(node.ProcessOf(node.Hardened, meanwhile)).NoNewPrivileges);
        Assert.Empty(receiver.Received.EventsOf(meanwhile));

        using var restarted = new Daemon(node, "dead", receiver.Variables("grpc"));
        await Wait.UntilAsync(
            () => receiver.Received.EventsOf(meanwhile).Any(e => e.Name == "container.hardening.decision"),
            s_patience,
            () => $"the decision made while the daemon was down did not arrive:\n{restarted.Log}");
    }

    private string CgroupOf(string id)
    {
        string line = File.ReadLines($"/proc/{node.ProcessOf(node.Hardened, id)}/cgroup").Single(entry => entry.StartsWith("0::", StringComparison.Ordinal));
        string mount = File.ReadLines("/proc/self/mountinfo").First(entry => entry.Contains(" - cgroup2 ", StringComparison.Ordinal)).Split(' ')[4];
        return mount + line[3..];
    }

    private static long UserMicroseconds(string file)
        => long.Parse(File.ReadLines(file).Single(line => line.StartsWith("user_usec ", StringComparison.Ordinal))[10..], CultureInfo.InvariantCulture);

    private static IEnumerable<ReceivedPoint> UserTime(Receiver receiver, string id)
        => receiver.Received.PointsOf(id).Where(point => point is { Name: "container.cpu.time", NoRecordedValue: false } && point.Attributes.GetValueOrDefault("cpu.mode") == "user");

    private static string Tail(string text) => text.Length <= 4000 ? text : text[^4000..];
}
