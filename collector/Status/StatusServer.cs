using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Runtime.Hardening.Collector.Interop;
using Runtime.Hardening.Collector.Node;

namespace Runtime.Hardening.Collector.Status;

/// <summary>HTTP on a unix socket, for hardenctl and for people with curl: /healthz, /v1/containers, /v1/status.</summary>
internal sealed class StatusServer(string socket, NodeInbox inbox, ILogger logger)
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(15), s_answer = TimeSpan.FromSeconds(10);

    /// <summary>Serves until cancelled. A socket that cannot be bound is said, and tried again.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        string? lastProblem = null;
        while (true)
        {
            try
            {
                await ServeAsync(cancellation);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
            {
                if (e.Message != lastProblem)
                {
                    logger.SocketProblem(socket, e.Message);
                    lastProblem = e.Message;
                }
            }

            await Task.Delay(s_retry, cancellation);
        }
    }

    private async Task ServeAsync(CancellationToken cancellation)
    {
        if (Path.GetDirectoryName(socket) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        await RefuseToStealAsync(cancellation);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.ListenUnixSocket(socket);
        });
        await using WebApplication app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync(cancellation);
        const UnixFileMode ownerAndGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        File.SetUnixFileMode(socket, ownerAndGroup);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        finally
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await app.StopAsync(patience.Token);
            File.Delete(socket);
        }
    }

    // A socket file that nobody answers is a leftover; one that somebody answers is another daemon's.
    private async Task RefuseToStealAsync(CancellationToken cancellation)
    {
        if (!File.Exists(socket))
        {
            return;
        }

        if (!FileKind.IsSocket(socket))
        {
            throw new IOException("there is a file of another kind, which is left alone; set 'socket' in collector.json to a name that is free");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
        }
        catch (SocketException)
        {
            File.Delete(socket);
            return;
        }

        throw new IOException("another program serves it already; stop that one or set 'socket' in collector.json");
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        var answer = new TaskCompletionSource<NodeStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        await inbox.PostAsync(new StatusAsked(answer), http.RequestAborted);
        NodeStatus status = await answer.Task.WaitAsync(s_answer, http.RequestAborted);
        http.Response.ContentType = "application/json";
        switch (http.Request.Path.Value)
        {
            case "/healthz":
                string[] problems = Problems(status);
                var health = new HealthStatus(problems.Length == 0 ? "ok" : "degraded", problems);
                await JsonSerializer.SerializeAsync(http.Response.Body, health, StatusJson.Default.HealthStatus, http.RequestAborted);
                break;
            case "/v1/status":
                await JsonSerializer.SerializeAsync(http.Response.Body, status, StatusJson.Default.NodeStatus, http.RequestAborted);
                break;
            case "/v1/containers":
                await JsonSerializer.SerializeAsync(http.Response.Body, status.Containers, StatusJson.Default.IReadOnlyListContainerStatus, http.RequestAborted);
                break;
            default:
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                http.Response.ContentType = "text/plain";
                await http.Response.WriteAsync("There is /healthz, /v1/status and /v1/containers.\n", http.RequestAborted);
                break;
        }
    }

    private static string[] Problems(NodeStatus status)
    {
        (string Name, string? Problem)[] all =
        [
            ("containerd", status.Containerd.Problem), ("journal", status.Journal.Problem),
            ("metrics", status.Metrics.Problem), ("logs", status.Logs.Problem),
            ("cgroups", status.Cgroups.Root is null ? "this node has no cgroup2 mount" : null),
        ];
        return [.. all.Where(item => item.Problem is not null).Select(item => $"{item.Name}: {item.Problem}")];
    }
}
