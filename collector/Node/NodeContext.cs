using Microsoft.Extensions.Logging;
using Runtime.Hardening.Collector.Exporting;
using Runtime.Hardening.Collector.Otlp;
using Runtime.Hardening.Collector.Verification;

namespace Runtime.Hardening.Collector.Node;

/// <summary>What the node's loop works with.</summary>
internal sealed record NodeContext
{
    internal required TimeProvider Clock { get; init; }

    internal required ILogger Logger { get; init; }

    internal required NodeInbox Inbox { get; init; }

    internal required TelemetryResource Node { get; init; }

    /// <summary>Attributes of the node that each container's resource repeats.</summary>
    internal required IReadOnlyList<TelemetryAttribute> OnContainers { get; init; }

    internal required ProcFiles Proc { get; init; }

    /// <summary>The cgroup2 mount; null when the node has none.</summary>
    internal required string? CgroupRoot { get; init; }

    internal required Verifier Verifier { get; init; }

    internal required OtlpSender Metrics { get; init; }

    internal required OtlpSender Logs { get; init; }
}
