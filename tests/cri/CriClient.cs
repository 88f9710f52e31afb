using System.Net.Sockets;
using Google.Protobuf.Collections;
using Grpc.Core;
using Grpc.Net.Client;
using Runtime.Hardening.Cri.Wire;

namespace Runtime.Hardening.Cri;

/// <summary>Talks to an engine's Container Runtime Interface over its unix socket, as a kubelet does.</summary>
public sealed class CriClient : IDisposable
{
    // An emulated machine is slow, and a kubelet waits for minutes too.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(2);

    private readonly GrpcChannel _channel;
    private readonly RuntimeService.RuntimeServiceClient _runtime;

    /// <summary>A client of the engine at a socket; nothing is sent yet.</summary>
    public CriClient(string socketPath)
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
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        _runtime = new(_channel);
    }

    /// <summary>The engine's name and version.</summary>
    public async Task<string> VersionAsync()
    {
        VersionResponse answer = await _runtime.VersionAsync(new VersionRequest(), Options());
        return $"{answer.RuntimeName} {answer.RuntimeVersion}";
    }

    /// <summary>Creates and starts a pod's sandbox; the answer is its id.</summary>
    public async Task<string> RunPodAsync(PodRequest pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return (await _runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = Sandbox(pod), RuntimeHandler = pod.Handler }, Options())).PodSandboxId;
    }

    /// <summary>Creates a container in a pod's sandbox and starts it; the answer is its id.</summary>
    public async Task<string> RunContainerAsync(PodRequest pod, string sandbox, ContainerRequest container)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(container);
        var request = new CreateContainerRequest { PodSandboxId = sandbox, Config = Container(container), SandboxConfig = Sandbox(pod) };
        string id = (await _runtime.CreateContainerAsync(request, Options())).ContainerId;
        await _runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id }, Options());
        return id;
    }

    /// <summary>Runs a command in a container and waits for its end.</summary>
    public async Task<ExecResult> ExecAsync(string container, IEnumerable<string> command)
    {
        var request = new ExecSyncRequest { ContainerId = container, Timeout = (long)s_timeout.TotalSeconds };
        request.Cmd.AddRange(command);
        ExecSyncResponse answer = await _runtime.ExecSyncAsync(request, Options());
        return new ExecResult(answer.ExitCode, answer.Stdout.ToStringUtf8(), answer.Stderr.ToStringUtf8());
    }

    /// <summary>The state of a container in the API's own words, CONTAINER_RUNNING for example, and its exit code.</summary>
    public async Task<(string State, int ExitCode)> StateAsync(string container)
    {
        ContainerStatus status = (await _runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = container }, Options())).Status;
        string state = status.State switch
        {
            ContainerState.ContainerCreated => "CONTAINER_CREATED",
            ContainerState.ContainerRunning => "CONTAINER_RUNNING",
            ContainerState.ContainerExited => "CONTAINER_EXITED",
            _ => "CONTAINER_UNKNOWN",
        };
        return (state, status.ExitCode);
    }

    /// <summary>Every container that the engine knows: its id, its sandbox and its name.</summary>
    public async Task<IReadOnlyList<(string Id, string Sandbox, string Name)>> ListAsync()
    {
        ListContainersResponse answer = await _runtime.ListContainersAsync(new ListContainersRequest(), Options());
        return [.. answer.Containers.Select(item => (item.Id, item.PodSandboxId, item.Metadata.Name))];
    }

    /// <summary>Stops a container: asks, waits so many seconds, then kills.</summary>
    public async Task StopContainerAsync(string container, int seconds) =>
        await _runtime.StopContainerAsync(new StopContainerRequest { ContainerId = container, Timeout = seconds }, Options());

    /// <summary>Removes a container that has been stopped.</summary>
    public async Task RemoveContainerAsync(string container) =>
        await _runtime.RemoveContainerAsync(new RemoveContainerRequest { ContainerId = container }, Options());

    /// <summary>Stops and removes a pod with all of its containers.</summary>
    public async Task RemovePodAsync(string sandbox)
    {
        await _runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = sandbox }, Options());
        await _runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = sandbox }, Options());
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private static PodSandboxConfig Sandbox(PodRequest pod)
    {
        var config = new PodSandboxConfig
        {
            Metadata = new PodSandboxMetadata { Name = pod.Name, Namespace = pod.Namespace, Uid = pod.Uid },
            Linux = new LinuxPodSandboxConfig
            {
                CgroupParent = pod.CgroupParent,
                SecurityContext = new LinuxSandboxSecurityContext { NamespaceOptions = Namespaces() },
            },
        };
        Add(config.Labels, pod.Namespace, pod.Name, pod.Uid);
        return config;
    }

    private static ContainerConfig Container(ContainerRequest request)
    {
        var security = new LinuxContainerSecurityContext
        {
            NamespaceOptions = Namespaces(),
            Seccomp = new SecurityProfile
            {
                ProfileType = request.DefaultSeccomp ? SecurityProfile.Types.ProfileType.RuntimeDefault : SecurityProfile.Types.ProfileType.Unconfined,
            },
        };
        if (request.User is { } user)
        {
            security.RunAsUser = new Int64Value { Value = user };
        }

        var config = new ContainerConfig
        {
            Metadata = new ContainerMetadata { Name = request.Name },
            Image = new ImageSpec { Image = request.Image },
            Linux = new LinuxContainerConfig { Resources = new LinuxContainerResources(), SecurityContext = security },
        };
        config.Command.AddRange(request.Command);
        config.Labels.Add("io.kubernetes.container.name", request.Name);
        return config;
    }

    private static NamespaceOption Namespaces() => new() { Network = NamespaceMode.Node, Pid = NamespaceMode.Container };

    // A kubelet's labels, by which engines and monitors find the pod again.
    private static void Add(MapField<string, string> labels, string podNamespace, string name, string uid)
    {
        labels.Add("io.kubernetes.pod.namespace", podNamespace);
        labels.Add("io.kubernetes.pod.name", name);
        labels.Add("io.kubernetes.pod.uid", uid);
    }

    private static CallOptions Options() => new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + s_timeout);
}
