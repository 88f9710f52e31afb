using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Runtime.Hardening.Collector.Tests.Protos;
using Runtime.Hardening.Collector.Tests.Protos.Metrics;

namespace Runtime.Hardening.Collector.Tests.Exporting;

/// <summary>An OTLP receiver on loopback, over gRPC and over HTTP.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public ConcurrentQueue<MetricsRequest> Received { get; } = new();

    /// <summary>How to answer the next requests; afterwards everything is accepted.</summary>
    public ConcurrentQueue<int> HttpStatuses { get; } = new();

    public ConcurrentQueue<StatusCode> GrpcStatuses { get; } = new();

    public long Reject { get; set; }

    public string? LastEncoding { get; private set; }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<Receiver> StartAsync(HttpProtocols protocols)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        Receiver? receiver = null;
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(_ => receiver!);
        WebApplication app = builder.Build();
        receiver = new Receiver(app);
        app.MapGrpcService<GrpcMetrics>();
        app.MapPost("/v1/metrics", receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Response Take(MetricsRequest request)
    {
        Received.Enqueue(request);
        return Reject == 0 ? new Response() : new Response { PartialSuccess = new PartialSuccess { Rejected = Reject, ErrorMessage = "too old" } };
    }

    private async Task ReceiveAsync(HttpContext http)
    {
        LastEncoding = http.Request.Headers.ContentEncoding;
        using var body = new MemoryStream();
        Stream source = LastEncoding == "gzip" ? new GZipStream(http.Request.Body, CompressionMode.Decompress) : http.Request.Body;
        await source.CopyToAsync(body, http.RequestAborted);
        if (HttpStatuses.TryDequeue(out int status))
        {
            http.Response.StatusCode = status;
            return;
        }

        Response response = Take(MetricsRequest.Parser.ParseFrom(body.ToArray()));
        http.Response.ContentType = "application/x-protobuf";
        await http.Response.Body.WriteAsync(response.ToByteArray(), http.RequestAborted);
    }

    internal sealed class GrpcMetrics(Receiver receiver) : MetricsService.MetricsServiceBase
    {
        public override Task<Response> Export(MetricsRequest request, ServerCallContext context)
        {
            receiver.LastEncoding = context.GetHttpContext().Request.Headers["grpc-encoding"];
            return receiver.GrpcStatuses.TryDequeue(out StatusCode status)
                ? throw new RpcException(new Grpc.Core.Status(status, "as the test wants"))
                : Task.FromResult(receiver.Take(request));
        }
    }
}
