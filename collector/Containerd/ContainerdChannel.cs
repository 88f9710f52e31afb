using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Runtime.Hardening.Collector.Containerd.Wire;
using TaskState = Runtime.Hardening.Collector.Containerd.Wire.Status;

namespace Runtime.Hardening.Collector.Containerd;

/// <summary>What containerd holds at one moment.</summary>
/// <param name="Containers">Every container of every namespace.</param>
/// <param name="Tasks">The tasks among them that have a process, by (namespace, id).</param>
internal sealed record ContainerdSnapshot(IReadOnlyList<ContainerIdentity> Containers, IReadOnlyDictionary<(string Namespace, string Id), (uint Pid, bool Paused)> Tasks);

/// <summary>One connection to containerd over its unix socket.</summary>
internal sealed class ContainerdChannel : IDisposable
{
    // containerd's own limit; a full list of a big node exceeds gRPC's usual 4 MiB.
    private const int MaxMessageBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan s_callTimeout = TimeSpan.FromSeconds(15);

    private readonly GrpcChannel _channel;

    internal ContainerdChannel(string socketPath)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
        });
    }

    internal async Task<string> VersionAsync(CancellationToken cancellation) =>
        (await new Wire.Version.VersionClient(_channel).VersionAsync(new Empty(), Options(null, cancellation))).Version;

    /// <summary>Starts to receive task and container events of all namespaces.</summary>
    internal AsyncServerStreamingCall<Envelope> Subscribe(CancellationToken cancellation) =>
        new Events.EventsClient(_channel).Subscribe(
            new SubscribeRequest { Filters = { "topic~=\"^/tasks/\"", "topic~=\"^/containers/\"" } }, cancellationToken: cancellation);

    internal async Task<ContainerdSnapshot> ListAsync(CancellationToken cancellation)
    {
        List<ContainerIdentity> containers = [];
        Dictionary<(string, string), (uint, bool)> tasks = [];
        ListNamespacesResponse namespaces =
            await new Namespaces.NamespacesClient(_channel).ListAsync(new ListNamespacesRequest(), Options(null, cancellation));
        foreach (Namespace item in namespaces.Namespaces)
        {
            ListContainersResponse listed =
                await new Containers.ContainersClient(_channel).ListAsync(new ListContainersRequest(), Options(item.Name, cancellation));
            containers.AddRange(listed.Containers.Select(container => ContainerIdentity.From(item.Name, container)));
            ListTasksResponse running = await new Tasks.TasksClient(_channel).ListAsync(new ListTasksRequest(), Options(item.Name, cancellation));
            foreach (Process task in running.Tasks.Where(task => task.Status != TaskState.Stopped && task.Pid > 0))
            {
                string id = task.ContainerId.Length > 0 ? task.ContainerId : task.Id;
                tasks[(item.Name, id)] = (task.Pid, task.Status is TaskState.Paused or TaskState.Pausing);
            }
        }

        return new(containers, tasks);
    }

    /// <summary>One container, or null when it has gone again.</summary>
    internal async Task<ContainerIdentity?> GetAsync(string containerdNamespace, string id, CancellationToken cancellation)
    {
        try
        {
            GetContainerResponse response = await new Containers.ContainersClient(_channel).GetAsync(
                new GetContainerRequest { Id = id }, Options(containerdNamespace, cancellation));
            return ContainerIdentity.From(containerdNamespace, response.Container);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    public void Dispose() => _channel.Dispose();

    private static CallOptions Options(string? containerdNamespace, CancellationToken cancellation)
    {
        Metadata headers = [];
        if (containerdNamespace is not null)
        {
            headers.Add("containerd-namespace", containerdNamespace);
        }

        return new CallOptions(headers, TimeProvider.System.GetUtcNow().UtcDateTime + s_callTimeout, cancellation);
    }
}
