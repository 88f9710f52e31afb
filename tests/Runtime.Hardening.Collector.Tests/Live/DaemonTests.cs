using System.Diagnostics;
using System.Text.Json;

namespace Runtime.Hardening.Collector.Tests.Live;

public sealed class DaemonTests
{
    [Fact]
    public async Task A_real_container_s_life_arrives_as_events_figures_and_verification()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/containerd") && File.Exists("/bin/busybox"),
            "needs root, containerd and a static busybox");
        using var folder = new TempFolder();
        using var containerd = new PrivateContainerd();
        folder.Write("hook.json", $$"""{"journal":"{{folder.Path}}/journal","stateDirectory":"{{folder.Path}}/records"}""");
        string config = folder.Write("collector.json", $$"""
            {"interval":"200ms","containerd":"{{containerd.Socket}}","output":"{{folder.Path}}/out","state":"{{folder.Path}}/state",
             "socket":"{{folder.Path}}/s.sock","hook":"{{folder.Path}}/hook.json"}
            """);
        containerd.Ctr("run", "-d", PrivateContainerd.Image, "before", "/bin/sleep", "100");
        using Process daemon = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "hardeningd"), ["--config", config]))!;
        try
        {
            string logs = Path.Combine(folder.Path, "out/logs.jsonl"), metrics = Path.Combine(folder.Path, "out/metrics.jsonl");
            await UntilAsync(() => Has(logs, "container.hardening.unmanaged", "before")); // it was listed, read back, and has no record
            containerd.Ctr("run", "-d", PrivateContainerd.Image, "after", "/bin/sleep", "100");
            await UntilAsync(() => Has(logs, "container.lifecycle.started", "after") && Has(logs, "container.hardening.unmanaged", "after"));
            containerd.Ctr("tasks", "exec", "--exec-id", "e1", "after", "/bin/sleep", "0.3");
            await UntilAsync(() => Has(logs, "container.lifecycle.exec_started", "after"));
            await UntilAsync(() => Has(metrics, "container.cpu.time", "before") && Has(metrics, "container.uptime", "after"));
            containerd.Ctr("tasks", "delete", "-f", "after");
            await UntilAsync(() => Has(logs, "container.lifecycle.exited", "after") && Has(metrics, "\"flags\":1", "after"));
        }
        finally
        {
            using Process kill = Process.Start("kill", ["-TERM", $"{daemon.Id}"]);
            Assert.True(daemon.WaitForExit(10_000), "SIGTERM does not end the daemon");
        }

        Assert.Equal(0, daemon.ExitCode);
        Assert.False(File.Exists(Path.Combine(folder.Path, "s.sock")));
    }

    [Fact]
    public async Task A_file_that_the_settings_call_a_socket_is_left_alone()
    {
        using var folder = new TempFolder();
        string precious = folder.Write("precious", "keep me");
        folder.Write("hook.json", $$"""{"journal":"{{folder.Path}}/journal","stateDirectory":"{{folder.Path}}/records"}""");
        string config = folder.Write("collector.json", $$"""
            {"containerd":"{{folder.Path}}/none.sock","output":"{{folder.Path}}/out","state":"{{folder.Path}}/state","socket":"{{precious}}","hook":"{{folder.Path}}/hook.json"}
            """);
        using Process daemon = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "hardeningd"), ["--config", config]) { RedirectStandardError = true })!;
        try
        {
            string? line;
            do
            {
                line = await daemon.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            }
            while (line is not null && !line.Contains("left alone", StringComparison.Ordinal));

            Assert.NotNull(line);
        }
        finally
        {
            daemon.Kill();
            daemon.WaitForExit();
        }

        Assert.Equal("keep me", File.ReadAllText(precious));
    }

    // Every line is one JSON request about one resource.
    private static bool Has(string file, string text, string container) => File.Exists(file) && File.ReadAllText(file).Split('\n').SkipLast(1).Any(line =>
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return line.Contains(text, StringComparison.Ordinal) && line.Contains($"{{\"key\":\"container.id\",\"value\":{{\"stringValue\":\"{container}\"}}}}", StringComparison.Ordinal);
    });

    private static async Task UntilAsync(Func<bool> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string what = "")
    {
        for (long start = Stopwatch.GetTimestamp(); !condition(); await Task.Delay(50, TestContext.Current.CancellationToken))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), $"did not happen within 20 s: {what}");
        }
    }
}
