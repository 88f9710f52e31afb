using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting.Systemd;
using Runtime.Hardening.Collector.Node;

namespace Runtime.Hardening.Collector.Tests.Live;

public sealed class WatchdogTests
{
    [Fact]
    public async Task A_daemon_under_systemd_pings_its_notify_socket_until_it_stops()
    {
        using var folder = new TempFolder();
        using Socket manager = Listen(folder, out string socket);
        folder.Write("hook.json", $$"""{"journal":"{{folder.Path}}/journal","stateDirectory":"{{folder.Path}}/records"}""");
        string config = folder.Write("collector.json", $$"""
            {"interval":"60s","containerd":"{{folder.Path}}/none.sock","output":"{{folder.Path}}/out","state":"{{folder.Path}}/state",
             "socket":"{{folder.Path}}/s.sock","hook":"{{folder.Path}}/hook.json"}
            """);
        // The library takes a parent of this name for systemd.
        string parent = Path.Combine(folder.Path, "systemd");
        File.Copy(new FileInfo("/bin/sh").ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? "/bin/sh", parent);
        string pidFile = Path.Combine(folder.Path, "pid");
        ProcessStartInfo start = new(parent, ["-c", $"'{AppContext.BaseDirectory}hardeningd' --config '{config}' & echo $! > '{pidFile}'; wait $!"]);
        start.Environment["NOTIFY_SOCKET"] = socket;
        start.Environment["WATCHDOG_USEC"] = "400000";
        start.Environment.Remove("WATCHDOG_PID");
        using Process systemd = Process.Start(start)!;
        try
        {
            Assert.Equal("READY=1", await FirstAsync(manager, "READY=1"));
            Stopwatch clock = Stopwatch.StartNew();
            for (int i = 0; i < 4; i++)
            {
                Assert.Equal("WATCHDOG=1", await FirstAsync(manager, "WATCHDOG=1"));
            }

            Assert.True(clock.Elapsed > TimeSpan.FromMilliseconds(400), $"four pings within {clock.Elapsed}: they do not keep their period");
        }
        finally
        {
            using Process kill = Process.Start("kill", ["-TERM", File.ReadAllText(pidFile).Trim()]);
            Assert.True(systemd.WaitForExit(10_000), "SIGTERM does not end the daemon");
        }

        Assert.Equal("STOPPING=1", await FirstAsync(manager, "STOPPING=1"));
    }

    [Fact]
    public async Task A_loop_that_hangs_is_not_covered_up()
    {
        NodeInbox inbox = new();
        Counter pings = new();
        using Watchdog watchdog = new(pings, inbox, TimeSpan.FromMilliseconds(20));
        await watchdog.StartAsync(TestContext.Current.CancellationToken);
        // The question lies in the inbox, and nobody answers it.
        Assert.IsType<StatusAsked>(await inbox.Reader.ReadAsync(TestContext.Current.CancellationToken));
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Equal(0, pings.Count);
        Assert.False(inbox.Reader.TryPeek(out _));
        await watchdog.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("30000000", null, 15_000)]
    [InlineData("30000000", "1", null)]
    [InlineData(null, null, null)]
    [InlineData("0", null, null)]
    [InlineData("soon", null, null)]
    public void The_period_is_half_of_what_the_unit_allows(string? microseconds, string? process, int? milliseconds)
        => Assert.Equal(
            milliseconds is { } expected ? TimeSpan.FromMilliseconds(expected) : null,
            Watchdog.Period(name => name == "WATCHDOG_USEC" ? microseconds : name == "WATCHDOG_PID" ? process : null));

    private static Socket Listen(TempFolder folder, out string path)
    {
        path = Path.Combine(folder.Path, "notify.sock");
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static async Task<string> FirstAsync(Socket manager, string state)
    {
        byte[] buffer = new byte[512];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        string said;
        do
        {
            said = Encoding.UTF8.GetString(buffer, 0, await manager.ReceiveAsync(buffer, patience.Token)).TrimEnd('\n');
        }
        while (said != state);
        return said;
    }

    private sealed class Counter : ISystemdNotifier
    {
        public int Count { get; private set; }

        public bool IsEnabled => true;

        public void Notify(ServiceState state) => Count++;
    }
}
