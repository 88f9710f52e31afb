using Runtime.Hardening.Collector.Settings;

namespace Runtime.Hardening.Collector.Tests.Settings;

public class SettingsTests
{
    private static readonly CollectorSettings s_defaults = new() { File = "f", Hook = "/h" };

    [Fact]
    public void A_missing_file_means_defaults()
    {
        CollectorSettings settings = CollectorSettingsReader.Read("/nonexistent/collector.json", _ => null);
        Assert.Equal((TimeSpan.FromSeconds(5), "/run/containerd/containerd.sock", "/etc/hardening/hook.json"), (settings.Interval, settings.Containerd, settings.Hook));
    }

    [Theory]
    [InlineData("/nonexistent/collector.json", null)]
    [InlineData(null, "/nonexistent/collector.json")]
    public void A_file_that_was_named_must_be_there(string? option, string? variable)
    {
        string? Environment(string name) => name == "HARDENING_COLLECTOR_CONFIG" ? variable : null;
        SettingsException mistake = Assert.Throws<SettingsException>(() => CollectorSettingsReader.Read(
            CollectorSettingsReader.Locate(option, Environment), Environment, CollectorSettingsReader.IsNamed(option, Environment)));
        Assert.Contains("/nonexistent/collector.json: there is no such file", Assert.Single(mistake.Mistakes), StringComparison.Ordinal);
        Assert.False(CollectorSettingsReader.IsNamed(null, _ => null));
    }

    [Fact]
    public void Every_mistake_is_said_with_file_and_line()
    {
        byte[] text = "{\n \"interval\": \"fast\",\n \"colour\": \"red\",\n \"socket\": 3,\n \"state\": \"relative\"\n}"u8.ToArray();
        SettingsException e = Assert.Throws<SettingsException>(() => CollectorSettingsReader.Parse("c.json", text, s_defaults));
        Assert.Equal(4, e.Mistakes.Count);
        Assert.StartsWith("c.json:2: 'interval' is 'fast'", e.Mistakes[0], StringComparison.Ordinal);
        Assert.StartsWith("c.json:3: there is no setting 'colour'", e.Mistakes[1], StringComparison.Ordinal);
        Assert.StartsWith("c.json:4: 'socket' must be a string", e.Mistakes[2], StringComparison.Ordinal);
        Assert.StartsWith("c.json:5: 'state' is 'relative'", e.Mistakes[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_json_is_said_with_its_line() => Assert.StartsWith("c.json:2: not valid JSON",
        Assert.Throws<SettingsException>(() => CollectorSettingsReader.Parse("c.json", "{\n oops"u8, s_defaults)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{\n \"state\": \"/a\",\n \"state\": \"/b\"\n}", "c.json:3: 'state' stands there twice")]
    [InlineData("{\n \"output\": \"/a\\u0000b\"\n}", "c.json:2: 'output' is '/a?b', expected an absolute path without a NUL in it")]
    [InlineData("{\n \"colou\u00ff\": \"red\"\n}", "c.json:2: the text there is not UTF-8")]
    [InlineData("{\n \"interval\": \"5\u00ffs\"\n}", "c.json:2: the text there is not UTF-8")]
    public void What_would_mean_two_things_or_nothing_is_a_mistake(string latin1, string sentence) => Assert.StartsWith(sentence,
        Assert.Throws<SettingsException>(() => CollectorSettingsReader.Parse("c.json", System.Text.Encoding.Latin1.GetBytes(latin1), s_defaults)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_socket_has_a_path_that_the_kernel_takes()
    {
        byte[] Of(int length) => System.Text.Encoding.UTF8.GetBytes($"{{\"socket\":\"/{new string('x', length - 1)}\"}}");
        Assert.Equal(107, CollectorSettingsReader.Parse("c.json", Of(107), s_defaults).Socket.Length);
        Assert.Contains("'socket' is 108 bytes long", Assert.Throws<SettingsException>(() => CollectorSettingsReader.Parse("c.json", Of(108), s_defaults)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_lies_beside_the_hook_s_settings() =>
        Assert.Equal("/x/collector.json", CollectorSettingsReader.Locate(null, name => name == "HARDENING_CONFIG" ? "/x/hook.json" : null));

    [Fact]
    public void Only_the_common_http_endpoint_gets_the_signal_s_path()
    {
        OtlpSettings settings = Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1/base/"), ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://127.0.0.1:2/own"));
        Assert.Equal(("http://127.0.0.1:1/base/v1/metrics", "http://127.0.0.1:2/own"), (settings.Metrics!.Endpoint.ToString(), settings.Logs!.Endpoint.ToString()));
    }

    [Fact]
    public void Variables_are_read_per_signal()
    {
        OtlpSettings settings = Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/protobuf"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=b%20c, d=e"), ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "gzip"));
        Assert.Equal((true, false, true, false), (settings.Metrics!.Grpc, settings.Logs!.Grpc, settings.Metrics.Gzip, settings.Logs.Gzip));
        Assert.Equal([new("a", "b c"), new("d", "e")], settings.Metrics.Headers);
    }

    [Fact]
    public void Json_over_http_is_refused_by_name() => Assert.Contains("OTEL_EXPORTER_OTLP_PROTOCOL is 'http/json'",
        Assert.Throws<SettingsException>(() => Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_bad_header_does_not_print_its_secret() => Assert.DoesNotContain("s3cret",
        Assert.Throws<SettingsException>(() => Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("grpc", "ok=1,s3cret name=x")]
    [InlineData("http/protobuf", "ok=1,s3cret=a%0d%0ab")]
    [InlineData("grpc", "ok=1,s3cret=\u00fc")]
    public void A_header_that_cannot_be_sent_is_a_mistake(string protocol, string headers)
    {
        string message = Assert.Throws<SettingsException>(() => Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_HEADERS", headers))).Message;
        Assert.Contains("OTEL_EXPORTER_OTLP_HEADERS: part 2 cannot be sent", message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
    }

    private static OtlpSettings Read(params (string Name, string Value)[] variables) =>
        OtlpSettings.Read(name => variables.FirstOrDefault(v => v.Name == name).Value);
}
