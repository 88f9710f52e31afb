namespace Runtime.Hardening.Collector.Exporting;

/// <summary>One request, ready to send. Its buffer is rented; whoever takes it from the queue for good returns it.</summary>
/// <param name="Buffer">Rented from the shared pool.</param>
/// <param name="Length">Bytes used.</param>
/// <param name="Items">Points or records in it, for counting losses.</param>
/// <param name="Delivered">Told once when the request left the queue for good; a payload that has it is never pushed out by the bound.</param>
internal sealed record Payload(byte[] Buffer, int Length, int Items, Action? Delivered)
{
    internal ReadOnlyMemory<byte> Bytes => Buffer.AsMemory(0, Length);
}

/// <summary>What a receiver did with a request.</summary>
internal enum SendOutcome
{
    /// <summary>Taken, perhaps less some rejected items.</summary>
    Accepted,

    /// <summary>Not now: the same bytes may be sent again.</summary>
    Retry,

    /// <summary>Not ever.</summary>
    Refused,
}

/// <summary>Answer of a transport.</summary>
/// <param name="Outcome">What to do.</param>
/// <param name="Rejected">Items that the receiver said it did not take.</param>
/// <param name="Message">The receiver's words, or the error's.</param>
/// <param name="RetryAfter">How long the receiver asked to wait.</param>
internal sealed record SendResult(SendOutcome Outcome, long Rejected = 0, string Message = "", TimeSpan? RetryAfter = null)
{
    internal static readonly SendResult Accepted = new(SendOutcome.Accepted);
}

/// <summary>A way to hand over one signal's requests.</summary>
internal interface ITransport : IDisposable
{
    /// <summary>Requests are JSON lines rather than one protobuf message.</summary>
    bool WantsJson { get; }

    /// <summary>Where requests go, for messages.</summary>
    string Target { get; }

    /// <summary>Sends one request. Failures are results, not exceptions, except cancellation.</summary>
    Task<SendResult> SendAsync(Payload payload, CancellationToken cancellation);
}
