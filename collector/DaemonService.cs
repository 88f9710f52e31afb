using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Runtime.Hardening.Collector.Node;

namespace Runtime.Hardening.Collector;

/// <summary>Runs the parts of the daemon until it is told to stop, then sends what is left.</summary>
internal sealed class DaemonService(Daemon daemon, ILogger<DaemonService> logger) : BackgroundService
{
    // systemd and people wait for us; what a dead receiver cannot take by then stays in the journal or is counted as lost with us.
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        daemon.SayHello(logger);
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task[] parts =
        [
            daemon.Loop.RunAsync(all.Token), daemon.Watcher.RunAsync(all.Token), daemon.Follower.RunAsync(all.Token), daemon.Server.RunAsync(all.Token),
            daemon.Metrics.RunAsync(all.Token), daemon.Logs.RunAsync(all.Token), daemon.Sweeper.RunAsync(all.Token), TickAsync(all.Token),
        ];
        try
        {
            await await Task.WhenAny(parts); // a part ends by cancellation, or by an error that must end the daemon
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.Stopping();
        }
        finally
        {
            await all.CancelAsync();
            await Task.WhenAll(parts).ContinueWith(_ => { }, TaskScheduler.Default); // each has ended; the first error is thrown above
        }

        using var patience = new CancellationTokenSource(s_flush);
        await daemon.FlushAsync(patience.Token);
    }

    private async Task TickAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(daemon.Interval);
        do
        {
            await daemon.Inbox.PostAsync(new Tick(), cancellation);
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }
}
