using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Runtime.Hardening.Collector.Node;
using Runtime.Hardening.Collector.Status;

namespace Runtime.Hardening.Collector;

/// <summary>
/// Tells systemd that the daemon lives, each time the node's loop has answered a question, and never otherwise: a daemon whose
/// loop hangs is then restarted, even if its other threads are well.
/// </summary>
internal sealed class Watchdog(ISystemdNotifier systemd, NodeInbox inbox, TimeSpan period) : BackgroundService
{
    private static readonly ServiceState s_alive = new("WATCHDOG=1");

    /// <summary>How often to ask: half of what the unit allows (WATCHDOG_USEC). Null: the unit has no WatchdogSec, or means another process.</summary>
    internal static TimeSpan? Period(Func<string, string?> variable)
    {
        string? process = variable("WATCHDOG_PID");
        bool meant = string.IsNullOrEmpty(process) || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return meant && long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds) / 2
            : null;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(period);
            do
            {
                TaskCompletionSource<NodeStatus> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
                await inbox.PostAsync(new StatusAsked(answer), stoppingToken);
                await answer.Task.WaitAsync(stoppingToken); // without a limit: silence is the message
                systemd.Notify(s_alive);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; from STOPPING=1 on systemd counts TimeoutStopSec instead.
            return;
        }
    }
}
