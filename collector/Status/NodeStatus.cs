using System.Text.Json.Serialization;
using Runtime.Hardening.Collector.Node;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Status;

/// <summary>The daemon's state at one moment: the body of /v1/status.</summary>
internal sealed record NodeStatus(
    string Version,
    ContainerdStatus Containerd,
    CgroupStatus Cgroups,
    JournalStatus Journal,
    ExportStatus Metrics,
    ExportStatus Logs,
    [property: JsonIgnore] IReadOnlyList<ContainerStatus> Containers)
{
    internal static NodeStatus From(
        NodeContext context, IReadOnlyCollection<ContainerState> containers, IReadOnlyDictionary<string, string> skipped, NodeMetrics metrics,
        string? containerdVersion, string? containerdProblem, string? journalProblem) =>
        new(
            ProtobufEncoding.ScopeVersion,
            new(containerdProblem is null, containerdVersion, containerdProblem, containers.Count, containers.Count(state => state.Pid != 0)),
            new(context.CgroupRoot, skipped.ToDictionary()),
            new(metrics.Lost, metrics.Malformed, metrics.Unwritten, journalProblem),
            ExportStatus.From(context.Metrics),
            ExportStatus.From(context.Logs),
            [.. containers.Select(ContainerStatus.From)]);
}

/// <summary>The connection to containerd.</summary>
internal sealed record ContainerdStatus(bool Connected, string? Version, string? Problem, int Containers, int Running);

/// <summary>The cgroup2 mount, and the files that are not there, each with the reason.</summary>
internal sealed record CgroupStatus(string? Root, Dictionary<string, string> SkippedFiles);

/// <summary>The journal: lines lost, lines not understood, lines that the hook found no room for.</summary>
internal sealed record JournalStatus(long Lost, long Malformed, long Unwritten, string? Problem);

/// <summary>One signal's way out.</summary>
internal sealed record ExportStatus(string Target, long QueuedBytes, long Dropped, string? Problem)
{
    internal static ExportStatus From(Exporting.OtlpSender sender) => new(sender.Transport.Target, sender.Queue.Bytes, sender.Queue.Dropped, sender.Problem);
}

/// <summary>One container, as /v1/containers lists it.</summary>
internal sealed record ContainerStatus(
    string Namespace, string Id, string Image, string? Pod, string? PodNamespace, string? Name, uint Pid, bool Paused, DateTimeOffset? Started,
    string? Cgroup, int Series, string? Verification, string? VerificationDetail, string? Decision, string[] Policies)
{
    internal static ContainerStatus From(ContainerState state) => new(
        state.Identity.Namespace, state.Identity.Id, state.Identity.Image,
        state.Resource.Text("k8s.pod.name"), state.Resource.Text("k8s.namespace.name"), state.Resource.Text("container.name"),
        state.Pid, state.Paused, state.Pid == 0 ? null : state.Started, state.CgroupPath, state.Batch.Count,
        state.Verification?.Verdict.ToString().ToLowerInvariant(), state.Verification?.Message,
        state.Verification?.Record?.Decision, state.Verification?.Record?.Policies ?? []);
}

/// <summary>The body of /healthz.</summary>
internal sealed record HealthStatus(string Status, string[] Problems);

/// <summary>JSON of the status socket.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(NodeStatus))]
[JsonSerializable(typeof(IReadOnlyList<ContainerStatus>))]
[JsonSerializable(typeof(HealthStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
