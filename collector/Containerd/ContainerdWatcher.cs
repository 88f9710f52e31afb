using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Runtime.Hardening.Collector.Containerd.Wire;
using Runtime.Hardening.Collector.Node;

namespace Runtime.Hardening.Collector.Containerd;

/// <summary>Keeps the node's loop informed of containerd: events as they come, and the whole list after each (re)connection and now and then.</summary>
internal sealed class ContainerdWatcher(string socket, NodeInbox inbox, ILogger logger)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromSeconds(1), s_longestDelay = TimeSpan.FromSeconds(30);

    // Events have no replay and slow subscribers lose some, so the list is taken again; the first time soon,
    // because a subscription is only known to stand when its first event arrives.
    private static readonly TimeSpan s_firstReconcile = TimeSpan.FromSeconds(1), s_reconcile = TimeSpan.FromSeconds(30);

    /// <summary>Runs until cancelled; containerd may come and go.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        TimeSpan delay = s_firstDelay;
        string? lastProblem = null;
        while (true)
        {
            string problem;
            try
            {
                using var channel = new ContainerdChannel(socket);
                await WatchAsync(channel, () => (delay, lastProblem) = (s_firstDelay, null), cancellation);
                problem = "it closed the event stream";
            }
            catch (RpcException e)
            {
                cancellation.ThrowIfCancellationRequested();
                problem = e.StatusCode == StatusCode.Unavailable && e.InnerException is { } inner ? Innermost(inner) : $"{e.StatusCode}: {e.Status.Detail}";
            }

            if (problem != lastProblem)
            {
                logger.ContainerdAway(socket, problem);
                lastProblem = problem;
            }

            await inbox.PostAsync(new ContainerdStateChanged(null, problem), cancellation);
            await Task.Delay(delay * (0.75 + Random.Shared.NextDouble() / 2), cancellation);
            delay = delay * 2 > s_longestDelay ? s_longestDelay : delay * 2;
        }
    }

    /// <summary>Lists once, for a program that will not stay.</summary>
    /// <returns>Null when it went well, else why not.</returns>
    internal static async Task<(ContainerdSnapshot? Snapshot, string? Problem)> ListOnceAsync(string socket, CancellationToken cancellation)
    {
        try
        {
            using var channel = new ContainerdChannel(socket);
            return (await channel.ListAsync(cancellation), null);
        }
        catch (RpcException e)
        {
            return (null, e.InnerException is { } inner ? Innermost(inner) : e.Status.Detail);
        }
    }

    // The framework knows no name for a unix socket that is not there and speaks of an address that cannot be assigned.
    private static string Innermost(Exception e) => e.GetBaseException() is SocketException { SocketErrorCode: SocketError.AddressNotAvailable }
        ? "there is no such socket; start containerd, or name its socket as 'containerd' in collector.json"
        : e.GetBaseException().Message;

    private async Task WatchAsync(ContainerdChannel channel, Action connected, CancellationToken cancellation)
    {
        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using AsyncServerStreamingCall<Envelope> events = channel.Subscribe(session.Token);
        string version = await channel.VersionAsync(session.Token);
        await inbox.PostAsync(new SnapshotTaken(await channel.ListAsync(session.Token)), session.Token);
        await inbox.PostAsync(new ContainerdStateChanged(version, null), session.Token);
        logger.ContainerdConnected(version, socket);
        connected();
        Task reconcile = ReconcileAsync(channel, session.Token);
        try
        {
            await foreach (Envelope envelope in events.ResponseStream.ReadAllAsync(session.Token))
            {
                await HandleAsync(channel, envelope, session.Token);
            }
        }
        finally
        {
            await session.CancelAsync();
            await reconcile;
        }
    }

    private async Task HandleAsync(ContainerdChannel channel, Envelope envelope, CancellationToken cancellation)
    {
        ContainerEvent? happened;
        try
        {
            happened = ContainerEvent.From(envelope);
        }
        catch (InvalidProtocolBufferException e)
        {
            logger.NodeProblem($"An event '{envelope.Topic}' of containerd could not be read and is skipped: {e.Message}");
            return;
        }

        if (happened is not null)
        {
            ContainerIdentity? identity = happened.Happening is Happening.ContainerCreated or Happening.ContainerUpdated
                ? await channel.GetAsync(happened.Namespace, happened.Id, cancellation)
                : null;
            await inbox.PostAsync(new ContainerHappened(happened, identity), cancellation);
        }
    }

    private async Task ReconcileAsync(ContainerdChannel channel, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(s_firstReconcile, cancellation);
            while (true)
            {
                await inbox.PostAsync(new SnapshotTaken(await channel.ListAsync(cancellation)), cancellation);
                await Task.Delay(s_reconcile, cancellation);
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            if (!cancellation.IsCancellationRequested)
            {
                logger.NodeProblem($"containerd's list could not be read: {e.Message}. The event stream goes on.");
            }
        }
    }
}
