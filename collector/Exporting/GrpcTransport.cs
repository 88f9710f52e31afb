using System.Buffers;
using Grpc.Core;
using Grpc.Net.Client;
using Runtime.Hardening.Collector.Settings;

namespace Runtime.Hardening.Collector.Exporting;

/// <summary>OTLP over gRPC: the ready bytes go out as they are.</summary>
internal sealed class GrpcTransport : ITransport
{
    private readonly OtlpTarget _target;
    private readonly GrpcChannel _channel;
    private readonly CallInvoker _invoker;
    private readonly Method<Payload, byte[]> _method;
    private readonly Metadata _headers = [];

    internal GrpcTransport(OtlpTarget target, Signal signal)
    {
        _target = target;
        _channel = GrpcChannel.ForAddress(target.Endpoint);
        _invoker = _channel.CreateCallInvoker();
        string service = signal == Signal.Metrics
            ? "opentelemetry.proto.collector.metrics.v1.MetricsService"
            : "opentelemetry.proto.collector.logs.v1.LogsService";
        _method = new Method<Payload, byte[]>(MethodType.Unary, service, "Export",
            new Marshaller<Payload>(WritePayload, ReadNothing),
            new Marshaller<byte[]>(WriteNothing, ReadResponse));
        foreach ((string key, string value) in target.Headers)
        {
            _headers.Add(key, value);
        }

        if (target.Gzip)
        {
            _headers.Add("grpc-internal-encoding-request", "gzip"); // Grpc.Net.Client's way to compress one call's request
        }
    }

    public bool WantsJson => false;

    public string Target => _target.Endpoint.ToString();

    public async Task<SendResult> SendAsync(Payload payload, CancellationToken cancellation)
    {
        var options = new CallOptions(_headers, TimeProvider.System.GetUtcNow().UtcDateTime + _target.Timeout, cancellation);
        try
        {
            using AsyncUnaryCall<byte[]> call = _invoker.AsyncUnaryCall(_method, null, options, payload);
            return PartialSuccess.Read(await call.ResponseAsync);
        }
        catch (RpcException e)
        {
            cancellation.ThrowIfCancellationRequested();
            TimeSpan? after = RetryInfo.Read(e.Trailers);
            bool retry = e.StatusCode is StatusCode.Cancelled or StatusCode.DeadlineExceeded or StatusCode.Aborted
                or StatusCode.OutOfRange or StatusCode.Unavailable or StatusCode.DataLoss
                // A server that is merely busy says when to come back; without that the request is too big for it.
                || (e.StatusCode == StatusCode.ResourceExhausted && after is not null);
            return new(retry ? SendOutcome.Retry : SendOutcome.Refused, 0, $"gRPC {e.StatusCode}: {e.Status.Detail}", after);
        }
    }

    public void Dispose() => _channel.Dispose();

    private static void WritePayload(Payload payload, SerializationContext context)
    {
        context.SetPayloadLength(payload.Length);
        context.GetBufferWriter().Write(payload.Bytes.Span);
        context.Complete();
    }

    // A client writes requests and reads responses; the other half of each marshaller is never called.
    private static Payload ReadNothing(DeserializationContext context) => throw new NotSupportedException("Requests are only written.");

    private static void WriteNothing(byte[] response, SerializationContext context) => throw new NotSupportedException("Responses are only read.");

    private static byte[] ReadResponse(DeserializationContext context) => context.PayloadAsNewBuffer();
}
