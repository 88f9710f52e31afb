using Runtime.Hardening.Collector.Exporting;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Node;

/// <summary>The node's own counters.</summary>
internal sealed class NodeMetrics
{
    private const string DecisionKey = "hardening.decision", VerbKey = "hardening.verb", VerdictKey = "hardening.verdict", SignalKey = "signal";

    private static readonly MetricDefinition
        s_decisions = new("hardening.decisions", MetricKind.Counter, "{decision}", "Decisions of the hook read from its journal."),
        s_lost = new("hardening.journal.lost", MetricKind.Counter, "{line}", "Journal lines that were pruned before they could be read."),
        s_malformed = new("hardening.journal.malformed", MetricKind.Counter, "{line}", "Journal lines that could not be understood."),
        s_unwritten = new("hardening.journal.unwritten", MetricKind.Counter, "{line}", "Decisions that found no room on the journal's disk."),
        s_dropped = new("hardening.export.dropped", MetricKind.Counter, "{item}", "Points and records that were lost on their way out, by signal."),
        s_containers = new("hardening.containers", MetricKind.UpDownCounter, "{container}", "Containers with a running process."),
        s_verifications = new("hardening.verifications", MetricKind.Counter, "{verification}", "Processes read back from the kernel, by verdict.");

    /// <summary>All of them, with the attributes that tell their series apart.</summary>
    internal static readonly (MetricDefinition Metric, string[] Attributes)[] All =
    [
        (s_decisions, [DecisionKey, VerbKey]), (s_lost, []), (s_malformed, []), (s_unwritten, []), (s_dropped, [SignalKey]), (s_containers, []),
        (s_verifications, [VerdictKey]),
    ];

    private static readonly Series
        s_lostSeries = new(s_lost, AttributeSet.Empty), s_malformedSeries = new(s_malformed, AttributeSet.Empty),
        s_unwrittenSeries = new(s_unwritten, AttributeSet.Empty), s_containersSeries = new(s_containers, AttributeSet.Empty),
        s_droppedMetrics = new(s_dropped, new AttributeSet(SignalKey, "metrics")), s_droppedLogs = new(s_dropped, new AttributeSet(SignalKey, "logs"));

    private readonly Dictionary<(string, string), (Series Series, long Count)> _counts = [];

    internal long Lost { get; set; }

    internal long Malformed { get; set; }

    internal long Unwritten { get; set; }

    internal void CountDecision(string decision, string verb) =>
        Count((decision, verb), () => new(s_decisions, new(DecisionKey, decision, VerbKey, verb)));

    internal void CountVerification(string verdict) =>
        Count(("", verdict), () => new(s_verifications, new AttributeSet(VerdictKey, verdict)));

    /// <summary>Fills the node's batch.</summary>
    internal void Write(MetricBatch batch, int running, ExportQueue metrics, ExportQueue logs)
    {
        batch.Clear();
        foreach ((Series series, long count) in _counts.Values)
        {
            batch.Add(series, count);
        }

        batch.Add(s_lostSeries, Lost);
        batch.Add(s_malformedSeries, Malformed);
        batch.Add(s_unwrittenSeries, Unwritten);
        batch.Add(s_droppedMetrics, metrics.Dropped);
        batch.Add(s_droppedLogs, logs.Dropped);
        batch.Add(s_containersSeries, running);
    }

    private void Count((string, string) key, Func<Series> make)
    {
        (Series series, long count) = _counts.TryGetValue(key, out (Series Series, long Count) known) ? known : (make(), 0);
        _counts[key] = (series, count + 1);
    }
}
