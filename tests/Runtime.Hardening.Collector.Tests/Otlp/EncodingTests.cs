using System.Text.Json;
using CsCheck;
using Google.Protobuf;
using Runtime.Hardening.Collector.Exporting;
using Runtime.Hardening.Collector.Otlp;
using Runtime.Hardening.Collector.Tests.Protos;

namespace Runtime.Hardening.Collector.Tests.Otlp;

public class EncodingTests
{
    private static readonly MetricDefinition
        s_counter = new("t.counter", MetricKind.Counter, "By", "A counter."),
        s_gauge = new("t.gauge", MetricKind.Gauge, "s", "A gauge.", isDouble: true);

    internal static readonly TelemetryResource Resource = new([new("container.id", "c1"), new("list", new[] { "a", "b" }), new("flag", true), new("n", -5L)]);

    [Fact]
    public void The_writer_s_bytes_are_these()
    {
        var writer = new ProtobufWriter();
        int open = writer.Open(1);
        writer.String(1, "é");
        writer.Fixed(3, 0x0102030405060708);
        writer.UInt(8, 300);
        writer.Close(open);
        Assert.Equal("0A9080800" + "00A02C3A9" + "190807060504030201" + "40AC02", Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void Metrics_decode_as_official_messages()
    {
        MetricsRequest request = Decode(Batch());
        ResourceMetrics resource = Assert.Single(request.ResourceMetrics);
        Assert.Equal("c1", resource.Resource.Attributes[0].Value.StringValue);
        Assert.Equal(["a", "b"], resource.Resource.Attributes[1].Value.ArrayValue.Values.Select(v => v.StringValue));
        Assert.True(resource.Resource.Attributes[2].Value.BoolValue);
        Assert.Equal(-5, resource.Resource.Attributes[3].Value.IntValue);
        Assert.Equal(2, resource.ScopeMetrics[0].Metrics.Count);
        Metric counter = resource.ScopeMetrics[0].Metrics[0];
        Assert.Equal(("t.counter", "By", 2, true), (counter.Name, counter.Unit, counter.Sum.AggregationTemporality, counter.Sum.IsMonotonic));
        Assert.Equal([long.MaxValue, -1], counter.Sum.DataPoints.Select(p => p.AsInt)); // both points under one metric
        Assert.Equal((11ul, 22ul), (counter.Sum.DataPoints[0].StartTimeUnixNano, counter.Sum.DataPoints[0].TimeUnixNano));
        Assert.Equal("read", counter.Sum.DataPoints[0].Attributes[0].Value.StringValue);
        Assert.Equal(1.5, resource.ScopeMetrics[0].Metrics[1].Gauge.DataPoints[0].AsDouble);
    }

    [Fact]
    public void An_ended_batch_has_the_no_recorded_value_flag_and_no_value()
    {
        MetricBatch batch = Batch();
        batch.Ended = true;
        NumberDataPoint point = Decode(batch).ResourceMetrics[0].ScopeMetrics[0].Metrics[0].Sum.DataPoints[0];
        Assert.Equal((1u, NumberDataPoint.ValueOneofCase.None), (point.Flags, point.ValueCase));
    }

    [Fact]
    public void Logs_decode_as_official_messages()
    {
        var writer = new ProtobufWriter();
        ProtobufEncoding.Append(writer, Resource, [Event("e.one", "hello")]);
        LogRecord record = LogsRequest.Parser.ParseFrom(writer.Written).ResourceLogs[0].ScopeLogs[0].LogRecords[0];
        Assert.Equal(("e.one", 13, "WARN", "hello"), (record.EventName, record.SeverityNumber, record.SeverityText, record.Body.StringValue));
        Assert.Equal(1_000_000_000ul, record.TimeUnixNano);
        Assert.Equal(("k", 7L), (record.Attributes[0].Key, record.Attributes[0].Value.IntValue));
    }

    [Fact]
    public void Json_has_integers_as_strings_and_camel_case()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            MetricBatch batch = Batch();
            batch.Sort();
            JsonEncoding.Write(writer, Resource, batch);
        }

        using JsonDocument json = JsonDocument.Parse(stream.ToArray());
        JsonElement sum = json.RootElement.GetProperty("resourceMetrics")[0].GetProperty("scopeMetrics")[0].GetProperty("metrics")[0].GetProperty("sum");
        Assert.Equal("9223372036854775807", sum.GetProperty("dataPoints")[0].GetProperty("asInt").GetString());
        Assert.Equal("22", sum.GetProperty("dataPoints")[0].GetProperty("timeUnixNano").GetString());
        Assert.Equal(2, sum.GetProperty("aggregationTemporality").GetInt32());
    }

    [Fact]
    public void Any_text_survives_the_protobuf_round_trip() => Gen.String.Where(s => s == System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(s))).Sample(text =>
    {
        var writer = new ProtobufWriter();
        ProtobufEncoding.Append(writer, Resource, [Event("e", text)]);
        return LogsRequest.Parser.ParseFrom(writer.Written).ResourceLogs[0].ScopeLogs[0].LogRecords[0].Body.StringValue == text;
    });

    [Fact]
    public async Task Requests_are_split_at_the_limit_and_lose_nothing()
    {
        using var queue = new ExportQueue(long.MaxValue);
        using var builder = new RequestBuilder(queue, json: false, maxBytes: 1000);
        for (int i = 0; i < 50; i++)
        {
            builder.Add(Resource, Batch());
        }

        builder.Flush();
        int resources = 0, items = 0, requests = 0;
        while (!queue.IsEmpty)
        {
            Payload payload = await queue.PeekAsync(TestContext.Current.CancellationToken);
            Assert.InRange(payload.Length, 1, 1000);
            resources += MetricsRequest.Parser.ParseFrom(payload.Bytes.Span).ResourceMetrics.Count;
            items += payload.Items;
            requests++;
            queue.Remove(payload);
        }

        Assert.Equal((50, 150), (resources, items));
        Assert.True(requests > 1);
    }

    internal static LogEvent Event(string name, string body) =>
        new(Resource, name, Severity.Warn, DateTimeOffset.UnixEpoch.AddSeconds(1), DateTimeOffset.UnixEpoch.AddSeconds(2), body, [new("k", 7L)]);

    internal static MetricBatch Batch()
    {
        var batch = new MetricBatch { StartTime = 11, Time = 22 };
        batch.Add(new Series(s_counter, new AttributeSet("disk.io.direction", "read")), long.MaxValue);
        batch.Add(new Series(s_gauge, AttributeSet.Empty), 1.5);
        batch.Add(new Series(s_counter, new AttributeSet("disk.io.direction", "write")), -1L);
        return batch;
    }

    private static MetricsRequest Decode(MetricBatch batch)
    {
        batch.Sort();
        var writer = new ProtobufWriter();
        ProtobufEncoding.Append(writer, Resource, batch);
        return MetricsRequest.Parser.ParseFrom(writer.Written);
    }
}
