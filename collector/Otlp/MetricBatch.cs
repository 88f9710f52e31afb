using System.Runtime.InteropServices;

namespace Runtime.Hardening.Collector.Otlp;

/// <summary>The points of one resource at one moment. Reused every interval.</summary>
internal sealed class MetricBatch
{
    private readonly List<MetricPoint> _points = [];

    /// <summary>When the counters began to count: Unix time in nanoseconds.</summary>
    internal ulong StartTime { get; set; }

    /// <summary>When the values were read: Unix time in nanoseconds.</summary>
    internal ulong Time { get; set; }

    /// <summary>The resource is gone: its series end here (NO_RECORDED_VALUE) and are not written again.</summary>
    internal bool Ended { get; set; }

    internal int Count => _points.Count;

    internal ReadOnlySpan<MetricPoint> Points => CollectionsMarshal.AsSpan(_points);

    internal void Clear() => _points.Clear();

    internal void Add(Series series, long value) =>
        _points.Add(new(series, series.Metric.IsDouble ? BitConverter.DoubleToInt64Bits(value) : value));

    internal void Add(Series series, double value) =>
        _points.Add(new(series, series.Metric.IsDouble ? BitConverter.DoubleToInt64Bits(value) : (long)value));

    /// <summary>Brings the points of each metric together.</summary>
    internal void Sort() => CollectionsMarshal.AsSpan(_points).Sort(default(ByMetric));

    private readonly struct ByMetric : IComparer<MetricPoint>
    {
        public int Compare(MetricPoint x, MetricPoint y) => x.Series.Metric.Order.CompareTo(y.Series.Metric.Order);
    }
}
