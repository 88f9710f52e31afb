using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Runtime.Hardening.Collector.Settings;

namespace Runtime.Hardening.Collector.Exporting;

/// <summary>OTLP over HTTP with protobuf bodies.</summary>
internal sealed class HttpTransport : ITransport
{
    private const int MaxResponseBytes = 1024 * 1024; // ours is read for one number and one sentence

    private readonly OtlpTarget _target;
    private readonly HttpClient _client;

    internal HttpTransport(OtlpTarget target)
    {
        _target = target;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) })
        {
            Timeout = target.Timeout,
            MaxResponseContentBufferSize = MaxResponseBytes,
        };
    }

    public bool WantsJson => false;

    public string Target => _target.Endpoint.ToString();

    public async Task<SendResult> SendAsync(Payload payload, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _target.Endpoint) { Content = Content(payload) };
        foreach ((string key, string value) in _target.Headers)
        {
            request.Headers.TryAddWithoutValidation(key, value);
        }

        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return PartialSuccess.Read(await response.Content.ReadAsByteArrayAsync(cancellation));
            }

            string message = string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)response.StatusCode} {response.ReasonPhrase}");
            bool retry = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
            return new(retry ? SendOutcome.Retry : SendOutcome.Refused, 0, message, After(response.Headers.RetryAfter));
        }
        catch (HttpRequestException e)
        {
            return new(SendOutcome.Retry, 0, e.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(SendOutcome.Retry, 0, string.Create(CultureInfo.InvariantCulture, $"no answer within {_target.Timeout.TotalSeconds:0.#} s"));
        }
    }

    public void Dispose() => _client.Dispose();

    private static TimeSpan? After(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date ? date - TimeProvider.System.GetUtcNow() : null);

    private ByteArrayContent Content(Payload payload)
    {
        ByteArrayContent content;
        if (_target.Gzip)
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(payload.Bytes.Span);
            }

            content = new ByteArrayContent(packed.GetBuffer(), 0, (int)packed.Length);
            content.Headers.ContentEncoding.Add("gzip");
        }
        else
        {
            content = new ByteArrayContent(payload.Buffer, 0, payload.Length);
        }

        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        return content;
    }
}
