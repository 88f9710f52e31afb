using System.Buffers;

namespace Runtime.Hardening.Collector.Exporting;

/// <summary>
/// Requests of one signal waiting to be sent, oldest first, bounded in bytes. Beyond the bound the oldest go, except those that
/// someone waits for (journal lines: the journal itself is their store).
/// </summary>
internal sealed class ExportQueue(long maxBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Payload> _waiting = new();
    private readonly SemaphoreSlim _added = new(0);
    private long _bytes;
    private long _dropped;

    /// <summary>Items lost so far: pushed out, refused or rejected.</summary>
    internal long Dropped => Interlocked.Read(ref _dropped);

    internal bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count == 0;
            }
        }
    }

    internal long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    internal void Add(Payload payload)
    {
        lock (_lock)
        {
            _waiting.AddLast(payload);
            _bytes += payload.Length;
            PushOut();
        }

        _added.Release();
    }

    /// <summary>The oldest request, which stays until <see cref="Remove"/>.</summary>
    internal async Task<Payload> PeekAsync(CancellationToken cancellation)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_waiting.First is { } first)
                {
                    return first.Value;
                }
            }

            await _added.WaitAsync(cancellation);
        }
    }

    /// <summary>Takes a request out for good.</summary>
    internal void Remove(Payload payload)
    {
        bool present;
        lock (_lock)
        {
            present = _waiting.Remove(payload);
            _bytes -= present ? payload.Length : 0;
        }

        // The head is never pushed out, so its sender is the only one to return the buffer.
        ArrayPool<byte>.Shared.Return(payload.Buffer);
        if (present)
        {
            payload.Delivered?.Invoke();
        }
    }

    internal void CountDropped(long items) => Interlocked.Add(ref _dropped, items);

    public void Dispose() => _added.Dispose();

    private void PushOut()
    {
        // The head may be on its way to the receiver: it stays, and so does the newest.
        LinkedListNode<Payload>? node = _waiting.First?.Next;
        while (_bytes > maxBytes && node is not null && node != _waiting.Last)
        {
            LinkedListNode<Payload>? next = node.Next;
            if (node.Value.Delivered is null)
            {
                _waiting.Remove(node);
                _bytes -= node.Value.Length;
                CountDropped(node.Value.Items);
                ArrayPool<byte>.Shared.Return(node.Value.Buffer);
            }

            node = next;
        }
    }
}
