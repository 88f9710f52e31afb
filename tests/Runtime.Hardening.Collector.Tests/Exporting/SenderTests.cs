using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Runtime.Hardening.Collector.Exporting;
using Runtime.Hardening.Collector.Settings;
using Runtime.Hardening.Collector.Tests.Otlp;

namespace Runtime.Hardening.Collector.Tests.Exporting;

public sealed class SenderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Http_delivers_the_points(bool gzip)
    {
        await using Receiver receiver = await Receiver.StartAsync(HttpProtocols.Http1);
        using OtlpSender sender = Sender(new Uri(receiver.Address, "/v1/metrics"), grpc: false, gzip);
        Assert.True(await FlushAsync(sender));
        Assert.Equal("c1", Assert.Single(receiver.Received).ResourceMetrics[0].Resource.Attributes[0].Value.StringValue);
        Assert.Equal(gzip ? "gzip" : "", receiver.LastEncoding ?? "");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Grpc_delivers_the_points(bool gzip)
    {
        await using Receiver receiver = await Receiver.StartAsync(HttpProtocols.Http2);
        using OtlpSender sender = Sender(receiver.Address, grpc: true, gzip);
        Assert.True(await FlushAsync(sender));
        Assert.Equal("c1", Assert.Single(receiver.Received).ResourceMetrics[0].Resource.Attributes[0].Value.StringValue);
        Assert.Equal(gzip ? "gzip" : "identity", receiver.LastEncoding ?? "identity");
    }

    [Theory]
    [InlineData(503, true)]
    [InlineData(429, true)]
    [InlineData(400, false)]
    [InlineData(500, false)]
    public async Task Http_keeps_only_what_may_be_sent_again(int status, bool kept)
    {
        await using Receiver receiver = await Receiver.StartAsync(HttpProtocols.Http1);
        receiver.HttpStatuses.Enqueue(status);
        using OtlpSender sender = Sender(new Uri(receiver.Address, "/v1/metrics"), grpc: false, gzip: false);
        Assert.False(await FlushAsync(sender));
        Assert.Equal((kept, kept ? 0 : 3), (!sender.Queue.IsEmpty, (int)sender.Queue.Dropped));
    }

    [Theory]
    [InlineData(StatusCode.Unavailable, true)]
    [InlineData(StatusCode.ResourceExhausted, false)] // no RetryInfo: the request is too big, now and later
    [InlineData(StatusCode.InvalidArgument, false)]
    public async Task Grpc_keeps_only_what_may_be_sent_again(StatusCode status, bool kept)
    {
        await using Receiver receiver = await Receiver.StartAsync(HttpProtocols.Http2);
        receiver.GrpcStatuses.Enqueue(status);
        using OtlpSender sender = Sender(receiver.Address, grpc: true, gzip: false);
        Assert.False(await FlushAsync(sender));
        Assert.Equal((kept, kept ? 0 : 3), (!sender.Queue.IsEmpty, (int)sender.Queue.Dropped));
    }

    [Fact]
    public async Task Partial_success_is_counted_and_not_sent_again()
    {
        await using Receiver receiver = await Receiver.StartAsync(HttpProtocols.Http1);
        receiver.Reject = 2;
        using OtlpSender sender = Sender(new Uri(receiver.Address, "/v1/metrics"), grpc: false, gzip: false);
        await FlushAsync(sender);
        Assert.Equal((true, 2), (sender.Queue.IsEmpty, (int)sender.Queue.Dropped));
        Assert.Contains("too old", sender.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_comes_back_gets_what_waited()
    {
        await using Receiver receiver = await Receiver.StartAsync(HttpProtocols.Http1);
        receiver.HttpStatuses.Enqueue(503);
        using OtlpSender sender = Sender(new Uri(receiver.Address, "/v1/metrics"), grpc: false, gzip: false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task running = sender.RunAsync(stop.Token);
        for (int i = 0; i < 500 && receiver.Received.IsEmpty; i++)
        {
            await Task.Delay(10, stop.Token);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Single(receiver.Received);
        Assert.Equal(0, sender.Queue.Dropped);
    }

    [Fact]
    public async Task Beyond_the_bound_the_oldest_go_but_never_what_somebody_waits_for()
    {
        using var queue = new ExportQueue(maxBytes: 30);
        bool delivered = false;
        queue.Add(new Payload(new byte[16], 10, 1, null));
        queue.Add(new Payload(new byte[16], 10, 2, () => delivered = true));
        queue.Add(new Payload(new byte[16], 10, 4, null));
        queue.Add(new Payload(new byte[16], 10, 8, null));
        Assert.Equal(4, queue.Dropped);
        List<int> left = [];
        while (!queue.IsEmpty)
        {
            Payload payload = await queue.PeekAsync(TestContext.Current.CancellationToken);
            left.Add(payload.Items);
            queue.Remove(payload);
        }

        Assert.Equal([1, 2, 8], left);
        Assert.True(delivered);
    }

    [Fact]
    public async Task Files_are_bounded()
    {
        using var folder = new TempFolder();
        using var transport = new FileTransport(folder.Path, "metrics", maxBytes: 100);
        for (int i = 0; i < 40; i++)
        {
            await transport.SendAsync(new Payload(new byte[40], 40, 1, null), TestContext.Current.CancellationToken);
        }

        FileInfo[] files = new DirectoryInfo(folder.Path).GetFiles();
        Assert.Equal(4, files.Length);
        Assert.All(files, file => Assert.InRange(file.Length, 1, 100));
    }

    private static OtlpSender Sender(Uri address, bool grpc, bool gzip)
    {
        var target = new OtlpTarget(address, grpc, [], TimeSpan.FromSeconds(5), gzip);
        var queue = new ExportQueue(1 << 20);
        using var builder = new RequestBuilder(queue, json: false);
        builder.Add(EncodingTests.Resource, EncodingTests.Batch());
        builder.Flush();
        return new OtlpSender(grpc ? new GrpcTransport(target, Signal.Metrics) : new HttpTransport(target), queue, NullLogger.Instance);
    }

    private static Task<bool> FlushAsync(OtlpSender sender) => sender.FlushAsync(TestContext.Current.CancellationToken);
}
