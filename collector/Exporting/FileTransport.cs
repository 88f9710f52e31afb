using System.Globalization;

namespace Runtime.Hardening.Collector.Exporting;

/// <summary>OTLP JSON lines in a folder, bounded: NAME.jsonl, and NAME.1.jsonl (newest) to NAME.3.jsonl.</summary>
internal sealed class FileTransport : ITransport
{
    private const int Files = 4;

    private readonly string _folder;
    private readonly string _name;
    private readonly long _maxBytes;
    private FileStream? _stream;

    internal FileTransport(string folder, string name, long maxBytes = 16 * 1024 * 1024) => (_folder, _name, _maxBytes) = (folder, name, maxBytes);

    public bool WantsJson => true;

    public string Target => Path.Combine(_folder, $"{_name}.jsonl");

    public async Task<SendResult> SendAsync(Payload payload, CancellationToken cancellation)
    {
        try
        {
            if (_stream is not null && _stream.Length > 0 && _stream.Length + payload.Length > _maxBytes)
            {
                Rotate();
            }

            _stream ??= Open();
            await _stream.WriteAsync(payload.Bytes, cancellation);
            await _stream.FlushAsync(cancellation);
            return SendResult.Accepted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _stream?.Dispose();
            _stream = null;
            return new(SendOutcome.Retry, 0, $"{Target}: {e.Message}");
        }
    }

    public void Dispose() => _stream?.Dispose();

    private FileStream Open()
    {
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        return new FileStream(Target, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
        });
    }

    private void Rotate()
    {
        _stream!.Dispose();
        _stream = null;
        for (int i = Files - 2; i >= 0; i--)
        {
            string from = i == 0 ? Target : Numbered(i);
            if (File.Exists(from))
            {
                File.Move(from, Numbered(i + 1), overwrite: true);
            }
        }
    }

    private string Numbered(int number) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_name}.{number}.jsonl"));
}
