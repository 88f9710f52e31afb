using System.Buffers;
using System.Text.Json;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Exporting;

/// <summary>Collects resources into requests of at most about 3 MiB and puts them into a queue.</summary>
internal sealed class RequestBuilder(ExportQueue queue, bool json, int maxBytes = RequestBuilder.DefaultMaxBytes) : IDisposable
{
    /// <summary>Many gRPC servers stop at 4 MiB.</summary>
    internal const int DefaultMaxBytes = 3 * 1024 * 1024;

    private readonly ProtobufWriter _protobuf = new();
    private readonly ArrayBufferWriter<byte> _lines = new();
    private Utf8JsonWriter? _json;
    private int _items;

    /// <summary>What is added now must not be pushed out by the queue's bound, also where it is split.</summary>
    internal bool Keep { get; set; }

    private int Length => json ? _lines.WrittenCount : _protobuf.Length;

    internal void Add(TelemetryResource resource, MetricBatch batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        batch.Sort();
        int before = Length;
        if (json)
        {
            JsonEncoding.Write(StartLine(), resource, batch);
            EndLine();
        }
        else
        {
            ProtobufEncoding.Append(_protobuf, resource, batch);
        }

        Account(before, batch.Count);
    }

    /// <summary>Adds events; neighbours about one resource go under one ResourceLogs.</summary>
    internal void Add(ReadOnlySpan<LogEvent> events)
    {
        while (!events.IsEmpty)
        {
            int run = 1;
            while (run < events.Length && run < 256 && ReferenceEquals(events[run].Resource, events[0].Resource))
            {
                run++;
            }

            int before = Length;
            if (json)
            {
                JsonEncoding.Write(StartLine(), events[0].Resource, events[..run]);
                EndLine();
            }
            else
            {
                ProtobufEncoding.Append(_protobuf, events[0].Resource, events[..run]);
            }

            Account(before, run);
            events = events[run..];
        }
    }

    /// <summary>Puts what was added into the queue.</summary>
    /// <param name="delivered">Told when the last of it is delivered.</param>
    internal void Flush(Action? delivered = null)
    {
        if (_items == 0)
        {
            delivered?.Invoke();
            return;
        }

        Enqueue(Length, _items, delivered);
        Clear();
    }

    public void Dispose() => _json?.Dispose();

    // Everything up to `before` was there already: when the new resource makes the request too long, that part goes alone.
    private void Account(int before, int items)
    {
        if (Length > maxBytes && before > 0)
        {
            byte[] tail = ArrayPool<byte>.Shared.Rent(Length - before);
            int tailLength = Length - before;
            Written[before..].CopyTo(tail);
            Enqueue(before, _items, Keep ? static () => { } : null);
            Clear();
            Append(tail.AsSpan(0, tailLength));
            ArrayPool<byte>.Shared.Return(tail);
        }

        _items += items;
    }

    private ReadOnlySpan<byte> Written => json ? _lines.WrittenSpan : _protobuf.Written;

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (json)
        {
            _lines.Write(bytes);
        }
        else
        {
            _protobuf.Bytes(bytes);
        }
    }

    private void Enqueue(int length, int items, Action? delivered)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        Written[..length].CopyTo(buffer);
        queue.Add(new Payload(buffer, length, items, delivered));
    }

    private void Clear()
    {
        _items = 0;
        _lines.ResetWrittenCount();
        _protobuf.Clear();
    }

    private Utf8JsonWriter StartLine()
    {
        if (_json is null)
        {
            _json = new Utf8JsonWriter(_lines);
        }
        else
        {
            _json.Reset(_lines);
        }

        return _json;
    }

    private void EndLine()
    {
        _json!.Flush();
        _lines.Write("\n"u8);
    }
}
