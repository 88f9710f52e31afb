using Microsoft.Extensions.Logging;

namespace Runtime.Hardening.Collector.Exporting;

/// <summary>Sends one signal's queue, oldest first, and waits when the receiver is away.</summary>
internal sealed class OtlpSender(ITransport transport, ExportQueue queue, ILogger logger) : IDisposable
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(30);

    private string? _lastProblem;

    internal ITransport Transport => transport;

    internal ExportQueue Queue => queue;

    /// <summary>The problem that requests meet now; null when the last one was taken.</summary>
    internal string? Problem => Volatile.Read(ref _lastProblem);

    /// <summary>Sends until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        TimeSpan delay = s_firstDelay;
        while (true)
        {
            Payload payload = await queue.PeekAsync(cancellation);
            SendResult result = await transport.SendAsync(payload, cancellation);
            if (Settle(payload, result))
            {
                delay = s_firstDelay;
                continue;
            }

            // Spread over nodes, so that a receiver that comes back is not met by all of them at once.
            TimeSpan wait = result.RetryAfter ?? delay * (0.5 + Random.Shared.NextDouble());
            await Task.Delay(wait > TimeSpan.Zero ? wait : s_firstDelay, cancellation);
            delay = delay * 2 > s_longestDelay ? s_longestDelay : delay * 2;
        }
    }

    /// <summary>Sends what is left, without retries: at the end of the program. False: something could not be sent.</summary>
    internal async Task<bool> FlushAsync(CancellationToken cancellation)
    {
        while (!queue.IsEmpty)
        {
            Payload payload = await queue.PeekAsync(cancellation);
            if (!Settle(payload, await transport.SendAsync(payload, cancellation)))
            {
                return false;
            }
        }

        return Problem is null;
    }

    public void Dispose() => transport.Dispose();

    // True: the request is done with, one way or the other.
    private bool Settle(Payload payload, SendResult result)
    {
        switch (result.Outcome)
        {
            case SendOutcome.Accepted:
                queue.CountDropped(result.Rejected);
                Note(result.Rejected > 0 ? $"{result.Rejected} items rejected: {result.Message}" : null);
                queue.Remove(payload);
                return true;
            case SendOutcome.Refused:
                queue.CountDropped(payload.Items);
                Note($"refused {payload.Items} items for good: {result.Message}");
                queue.Remove(payload);
                return true;
            default:
                Note(result.Message);
                return false;
        }
    }

    private void Note(string? problem)
    {
        string? before = Interlocked.Exchange(ref _lastProblem, problem);
        if (problem is not null && problem != before)
        {
            logger.ExportProblem(transport.Target, problem);
        }
        else if (problem is null && before is not null)
        {
            logger.ExportRecovered(transport.Target);
        }
    }
}
