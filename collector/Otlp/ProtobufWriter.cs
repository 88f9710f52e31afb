using System.Buffers.Binary;
using System.Text;

namespace Runtime.Hardening.Collector.Otlp;

/// <summary>Appends protobuf fields to one growable buffer that its owner reuses for every request.</summary>
internal sealed class ProtobufWriter
{
    // A length-delimited field is opened before its length is known. Four bytes hold any length below 256 MiB,
    // and a padded varint is legal protobuf.
    private const int LengthBytes = 4;

    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2;

#if DEBUG
    private byte[] _buffer = new byte[16]; // tiny: every test takes the growing path
#else
    private byte[] _buffer = new byte[64 * 1024];
#endif

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    internal void Clear() => Length = 0;

    /// <summary>Takes back everything written after <paramref name="length"/>.</summary>
    internal void Truncate(int length) => Length = length;

    internal void Bytes(ReadOnlySpan<byte> encoded) => encoded.CopyTo(Take(encoded.Length));

    internal void String(int field, string value)
    {
        WriteTag(field, LengthDelimited);
        int count = Encoding.UTF8.GetByteCount(value);
        WriteVarint((uint)count);
        Encoding.UTF8.GetBytes(value, Take(count));
    }

    internal void Message(int field, ReadOnlySpan<byte> encoded)
    {
        WriteTag(field, LengthDelimited);
        WriteVarint((uint)encoded.Length);
        Bytes(encoded);
    }

    internal void UInt(int field, ulong value)
    {
        WriteTag(field, Varint);
        WriteVarint(value);
    }

    internal void Fixed(int field, ulong value)
    {
        WriteTag(field, Fixed64);
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
    }

    internal void Double(int field, double value) => Fixed(field, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Opens a nested message; give the result to <see cref="Close"/>.</summary>
    internal int Open(int field)
    {
        WriteTag(field, LengthDelimited);
        Take(LengthBytes);
        return Length;
    }

    internal void Close(int start)
    {
        int length = Length - start;
        if (length >= 1 << 28)
        {
            throw new InvalidOperationException($"A protobuf field of {length} bytes does not fit its length prefix; split the request below 256 MiB.");
        }

        Span<byte> prefix = _buffer.AsSpan(start - LengthBytes, LengthBytes);
        prefix[0] = (byte)(length | 0x80);
        prefix[1] = (byte)((length >> 7) | 0x80);
        prefix[2] = (byte)((length >> 14) | 0x80);
        prefix[3] = (byte)(length >> 21);
    }

    private void WriteTag(int field, int wireType) => WriteVarint((uint)((field << 3) | wireType));

    private void WriteVarint(ulong value)
    {
        while (value >= 0x80)
        {
            Take(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }

        Take(1)[0] = (byte)value;
    }

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - Length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        }

        Span<byte> taken = _buffer.AsSpan(Length, count);
        Length += count;
        return taken;
    }
}
