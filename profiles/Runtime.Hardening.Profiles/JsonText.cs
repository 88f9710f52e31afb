using System.Text;

namespace Runtime.Hardening.Profiles;

/// <summary>
/// Writes JSON into one growing buffer. The framework's writer would do, but its first string costs the set-up of an encoder for every Unicode range, and the
/// hook writes its few lines once and is gone.
/// </summary>
internal sealed class JsonText(int capacity)
{
    private byte[] _buffer = new byte[capacity];
    private int _length;
    private bool _needsComma;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => Written.ToArray();

    public void OpenObject()
    {
        Separate();
        Put((byte)'{');
        _needsComma = false;
    }

    public void OpenObject(ReadOnlySpan<byte> name)
    {
        Name(name);
        OpenObject();
    }

    public void CloseObject()
    {
        Put((byte)'}');
        _needsComma = true;
    }

    public void OpenArray()
    {
        Separate();
        Put((byte)'[');
        _needsComma = false;
    }

    public void OpenArray(ReadOnlySpan<byte> name)
    {
        Name(name);
        OpenArray();
    }

    public void CloseArray()
    {
        Put((byte)']');
        _needsComma = true;
    }

    /// <summary>A member's name; its value must follow.</summary>
    public void Name(ReadOnlySpan<byte> name)
    {
        Separate();
        Quote(name);
        Put((byte)':');
        _needsComma = false;
    }

    public void Text(string value)
    {
        Separate();
        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> utf8 = most <= 512 ? stackalloc byte[512] : new byte[most];
        Quote(utf8[..Encoding.UTF8.GetBytes(value, utf8)]);
    }

    public void Text(ReadOnlySpan<byte> utf8)
    {
        Separate();
        Quote(utf8);
    }

    public void Number(ulong value)
    {
        Separate();
        Reserve(20);
        value.TryFormat(_buffer.AsSpan(_length), out int written, provider: System.Globalization.CultureInfo.InvariantCulture);
        _length += written;
    }

    public void Flag(bool value) => Raw(value ? "true"u8 : "false"u8);

    /// <summary>A value that is JSON already.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        Separate();
        Append(json);
    }

    public void Member(ReadOnlySpan<byte> name, string value)
    {
        Name(name);
        Text(value);
    }

    public void Member(ReadOnlySpan<byte> name, ulong value)
    {
        Name(name);
        Number(value);
    }

    public void Member(ReadOnlySpan<byte> name, bool value)
    {
        Name(name);
        Flag(value);
    }

    public void Member(ReadOnlySpan<byte> name, ReadOnlySpan<string> values)
    {
        OpenArray(name);
        foreach (string value in values)
        {
            Text(value);
        }

        CloseArray();
    }

    /// <summary>A time as RFC 3339 with ticks, in UTC.</summary>
    public void Member(ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Name(name);
        Span<byte> text = stackalloc byte[40];
        time.UtcDateTime.TryFormat(text, out int written, "yyyy-MM-ddTHH:mm:ss.fffffffZ", System.Globalization.CultureInfo.InvariantCulture);
        Text(text[..written]);
    }

    /// <summary>Bytes that are no JSON value, such as the newline behind a line.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>A string as JSON, quotes included.</summary>
    public static byte[] Quoted(string value)
    {
        var text = new JsonText(value.Length + 16);
        text.Text(value);
        return text.ToArray();
    }

    private void Separate()
    {
        if (_needsComma)
        {
            Put((byte)',');
        }

        _needsComma = true;
    }

    // RFC 8259, 7: only the quote, the backslash and control characters must be escaped.
    private void Quote(ReadOnlySpan<byte> utf8)
    {
        Reserve((utf8.Length * 6) + 2);
        _buffer[_length++] = (byte)'"';
        foreach (byte b in utf8)
        {
            if (b is (byte)'"' or (byte)'\\')
            {
                _buffer[_length++] = (byte)'\\';
                _buffer[_length++] = b;
            }
            else if (b < 0x20)
            {
                "\\u00"u8.CopyTo(_buffer.AsSpan(_length));
                _buffer[_length + 4] = (byte)('0' + (b >> 4));
                _buffer[_length + 5] = "0123456789abcdef"u8[b & 15];
                _length += 6;
            }
            else
            {
                _buffer[_length++] = b;
            }
        }

        _buffer[_length++] = (byte)'"';
    }

    private void Put(byte b)
    {
        Reserve(1);
        _buffer[_length++] = b;
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }
    }
}
