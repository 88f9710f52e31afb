using System.Threading.Channels;
using Runtime.Hardening.Collector.Containerd;
using Runtime.Hardening.Collector.Journal;
using Runtime.Hardening.Collector.Status;
using Runtime.Hardening.Collector.Verification;

namespace Runtime.Hardening.Collector.Node;

/// <summary>Something that the node's loop must deal with.</summary>
internal abstract record NodeMessage;

/// <summary>containerd was listed.</summary>
internal sealed record SnapshotTaken(ContainerdSnapshot Snapshot) : NodeMessage;

/// <summary>containerd told of a container; <paramref name="Identity"/> comes with creation and change.</summary>
internal sealed record ContainerHappened(ContainerEvent Event, ContainerIdentity? Identity) : NodeMessage;

/// <summary>The connection to containerd stands (a version) or not (a problem).</summary>
internal sealed record ContainerdStateChanged(string? Version, string? Problem) : NodeMessage;

/// <summary>Time to read the cgroups.</summary>
internal sealed record Tick : NodeMessage;

/// <summary>Lines of the journal; <paramref name="Delivered"/> is called when they have left for good.</summary>
internal sealed record JournalRead(IReadOnlyList<JournalLine> Lines, long Lost, long Malformed, long Unwritten, string? Problem, Action Delivered) : NodeMessage;

/// <summary>A process was read back.</summary>
internal sealed record VerificationDone(string Namespace, string Id, string ExecId, VerificationResult Result) : NodeMessage;

/// <summary>Somebody asks for the state.</summary>
internal sealed record StatusAsked(TaskCompletionSource<NodeStatus> Answer) : NodeMessage;

/// <summary>What the owner loop reads. Bounded: whoever is too fast waits.</summary>
internal sealed class NodeInbox
{
    private readonly Channel<NodeMessage> _channel = Channel.CreateBounded<NodeMessage>(new BoundedChannelOptions(1024) { SingleReader = true });

    internal ChannelReader<NodeMessage> Reader => _channel.Reader;

    internal ValueTask PostAsync(NodeMessage message, CancellationToken cancellation) => _channel.Writer.WriteAsync(message, cancellation);
}
