using Microsoft.Extensions.Logging;
using Runtime.Hardening.Collector.Containerd;
using Runtime.Hardening.Collector.Node;
using Runtime.Hardening.Collector.Settings;

namespace Runtime.Hardening.Collector;

/// <summary>`--once`: everything is read once, sent, and that was it.</summary>
internal static class OneShot
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>True: containerd could be read and everything was taken.</summary>
    internal static async Task<bool> RunAsync(Daemon daemon, CollectorSettings settings, ILogger logger, CancellationToken cancellation)
    {
        daemon.SayHello(logger);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_patience);
        (ContainerdSnapshot? snapshot, string? problem) = await ContainerdWatcher.ListOnceAsync(settings.Containerd, patience.Token);
        if (problem is not null)
        {
            logger.ContainerdAwayOnce(settings.Containerd, problem);
        }

        if (snapshot is not null)
        {
            daemon.Loop.Handle(new SnapshotTaken(snapshot), patience.Token);
            for (int pending = snapshot.Tasks.Keys.Count(key => snapshot.Containers.Any(c => (c.Namespace, c.Id) == key)); pending > 0; pending--)
            {
                daemon.Loop.Handle(await daemon.Inbox.Reader.ReadAsync(patience.Token), patience.Token); // each container is read back
            }
        }

        daemon.Loop.Handle(new Tick(), patience.Token);
        bool sent = true;
        while (sent && await DrainJournalAsync(daemon, patience.Token))
        {
            sent = daemon.Logs.Problem is null;
        }

        return await daemon.FlushAsync(patience.Token) && sent && problem is null;
    }

    // One batch: the follower waits for its delivery, so the loop's and the sender's part is done here meanwhile.
    private static async Task<bool> DrainJournalAsync(Daemon daemon, CancellationToken cancellation)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<bool> step = daemon.Follower.StepAsync(giveUp.Token);
        while (!step.IsCompleted)
        {
            if (daemon.Inbox.Reader.TryRead(out NodeMessage? message))
            {
                daemon.Loop.Handle(message, cancellation);
                if (!await daemon.Logs.FlushAsync(cancellation))
                {
                    await giveUp.CancelAsync();
                    break;
                }
            }

            await Task.WhenAny(step, Task.Delay(5, cancellation));
        }

        try
        {
            return await step;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false; // not delivered: the cursor stays where it was
        }
    }
}
