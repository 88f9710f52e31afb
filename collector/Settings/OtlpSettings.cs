using System.Globalization;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Settings;

/// <summary>The two signals this program sends.</summary>
internal enum Signal { Metrics, Logs }

/// <summary>Where one signal goes, from the standard OTEL_EXPORTER_OTLP_* variables.</summary>
/// <param name="Endpoint">For HTTP the whole URL with its path; for gRPC the server's address.</param>
/// <param name="Grpc">gRPC, else HTTP with protobuf bodies.</param>
/// <param name="Headers">Sent with every request.</param>
/// <param name="Timeout">For one request.</param>
/// <param name="Gzip">Compress requests.</param>
internal sealed record OtlpTarget(Uri Endpoint, bool Grpc, IReadOnlyList<KeyValuePair<string, string>> Headers, TimeSpan Timeout, bool Gzip);

/// <summary>What the OTEL_* variables ask for; a target that is null goes to files.</summary>
internal sealed record OtlpSettings(
    OtlpTarget? Metrics, OtlpTarget? Logs, TimeSpan? MetricInterval, IReadOnlyList<TelemetryAttribute> ResourceAttributes, string? ServiceName, bool SdkDisabled)
{
    /// <exception cref="SettingsException">A variable has a value that cannot be used.</exception>
    internal static OtlpSettings Read(Func<string, string?> environment)
    {
        List<string> mistakes = [];
        OtlpTarget? metrics = Target(Signal.Metrics, environment, mistakes);
        OtlpTarget? logs = Target(Signal.Logs, environment, mistakes);
        TimeSpan? interval = Milliseconds("OTEL_METRIC_EXPORT_INTERVAL", environment("OTEL_METRIC_EXPORT_INTERVAL"), mistakes);
        TelemetryAttribute[] attributes =
            [.. Pairs("OTEL_RESOURCE_ATTRIBUTES", environment("OTEL_RESOURCE_ATTRIBUTES"), mistakes).Select(p => new TelemetryAttribute(p.Key, p.Value))];
        bool disabled = string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
        string? service = environment("OTEL_SERVICE_NAME") is { Length: > 0 } name ? name : null;
        return mistakes.Count == 0 ? new(metrics, logs, interval, attributes, service, disabled) : throw new SettingsException(mistakes);
    }

    private static OtlpTarget? Target(Signal signal, Func<string, string?> environment, List<string> mistakes)
    {
        string infix = signal == Signal.Metrics ? "METRICS_" : "LOGS_";
        (string Name, string? Value) Variable(string suffix)
        {
            string own = $"OTEL_EXPORTER_OTLP_{infix}{suffix}";
            return environment(own) is { Length: > 0 } value ? (own, value) : ($"OTEL_EXPORTER_OTLP_{suffix}", environment($"OTEL_EXPORTER_OTLP_{suffix}"));
        }

        (string endpointName, string? endpoint) = Variable("ENDPOINT");
        if (string.IsNullOrEmpty(endpoint))
        {
            return null;
        }

        (string protocolName, string? protocol) = Variable("PROTOCOL");
        if (protocol is not (null or "" or "grpc" or "http/protobuf"))
        {
            mistakes.Add($"{protocolName} is '{protocol}'; hardeningd speaks 'http/protobuf' (default) and 'grpc'. JSON is written to files only, when no endpoint is set.");
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            mistakes.Add($"{endpointName} is '{endpoint}', expected an http:// or https:// address.");
            return null;
        }

        bool grpc = protocol == "grpc";
        if (!grpc && endpointName == "OTEL_EXPORTER_OTLP_ENDPOINT")
        {
            // OTLP exporter specification: only the endpoint common to all signals gets the signal's path appended.
            address = new Uri($"{address.ToString().TrimEnd('/')}/v1/{(signal == Signal.Metrics ? "metrics" : "logs")}");
        }

        (string compressionName, string? compression) = Variable("COMPRESSION");
        if (compression is not (null or "" or "none" or "gzip"))
        {
            mistakes.Add($"{compressionName} is '{compression}', expected 'gzip' or 'none'.");
        }

        (string timeoutName, string? timeout) = Variable("TIMEOUT");
        (string headersName, string? headers) = Variable("HEADERS");
        return new(address, grpc, HeadersOf(headersName, headers, mistakes), Milliseconds(timeoutName, timeout, mistakes) ?? TimeSpan.FromSeconds(10), compression == "gzip");
    }

    // gRPC throws at a header that it cannot send, and HTTP leaves it out without a word. Neither name nor value is shown: one may be a secret.
    private static List<KeyValuePair<string, string>> HeadersOf(string name, string? value, List<string> mistakes)
    {
        List<KeyValuePair<string, string>> headers = Pairs(name, value, mistakes);
        for (int i = 0; i < headers.Count; i++)
        {
            (string key, string text) = headers[i];
            if (!key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || !text.All(c => c is >= ' ' and <= '~'))
            {
                mistakes.Add($"{name}: part {i + 1} cannot be sent as a header; expected a name of letters, digits, '-', '_' and '.', and a value of printable ASCII.");
            }
        }

        return headers;
    }

    private static TimeSpan? Milliseconds(string name, string? value, List<string> mistakes)
    {
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0)
        {
            return TimeSpan.FromMilliseconds(number);
        }

        mistakes.Add($"{name} is '{value}', expected a number of milliseconds above 0.");
        return null;
    }

    private static List<KeyValuePair<string, string>> Pairs(string name, string? value, List<string> mistakes)
    {
        List<KeyValuePair<string, string>> pairs = [];
        foreach (string part in (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=');
            if (equals <= 0)
            {
                mistakes.Add($"{name}: expected key=value,key=value; found a part without a key or '='."); // the value may be a secret
                continue;
            }

            pairs.Add(new(Uri.UnescapeDataString(part[..equals].Trim()), Uri.UnescapeDataString(part[(equals + 1)..].Trim())));
        }

        return pairs;
    }
}
