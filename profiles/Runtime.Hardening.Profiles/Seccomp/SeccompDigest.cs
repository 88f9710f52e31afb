using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// Tells whether a profile is still the same after somebody decoded it and wrote it anew: white space, escapes, the order of members and members that say
/// nothing (null, empty) do not count; the order of rules does, because runtimes read them in it. It finds changes, it is no protection against forgery:
/// who can write a bundle could start any container.
/// </summary>
public static class SeccompDigest
{
    private const int MaxDepth = 1000;   // as deep as a spec is read

    private const ulong Object = 1, Array = 2, Text = 3, Nothing = 0;

    /// <summary>Sixteen hex digits.</summary>
    /// <param name="json">The value of linux.seccomp.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static string Of(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        return Value(ref reader).ToString("x16", CultureInfo.InvariantCulture);
    }

    // Nothing for what an encoder may leave out.
    private static ulong Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return Nothing;
            case JsonTokenType.StartObject:
                return Members(ref reader);
            case JsonTokenType.StartArray:
                ulong elements = Array;
                bool any = false;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    elements = Mix(elements, Value(ref reader));
                    any = true;
                }

                return any ? elements : Nothing;
            default:
                return Mix(Text, Scalar(ref reader));
        }
    }

    private static ulong Members(ref Utf8JsonReader reader)
    {
        ulong sum = 0;
        bool any = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // valueTwo of 0 is left out by Go's encoder and by ours; no other number of a profile means the same when it is absent.
            bool isSecondValue = reader.ValueTextEquals("valueTwo"u8);
            ulong name = Scalar(ref reader);
            reader.Read();
            bool isZero = isSecondValue && reader.TokenType == JsonTokenType.Number && reader.ValueSpan.SequenceEqual("0"u8);
            ulong value = Value(ref reader);
            if (value != Nothing && !isZero)
            {
                sum = unchecked(sum + Mix(name, value));   // a sum, because the order of members says nothing
                any = true;
            }
        }

        return any ? Mix(Object, sum) : Nothing;
    }

    // A string by its characters, so that \u003c is '<'; anything else by its token.
    private static ulong Scalar(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Fold(reader.ValueSpan);
        }

        byte[] characters = new byte[reader.ValueSpan.Length];
        try
        {
            return Fold(characters.AsSpan(0, reader.CopyString(characters)));
        }
        catch (InvalidOperationException)
        {
            return Fold(reader.ValueSpan);   // half a surrogate pair: it has no characters, only its spelling
        }
    }

    private static ulong Fold(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length;   // so the last bytes can be filled up with zeros
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        ulong last = 0;
        foreach (byte b in bytes)
        {
            last = (last << 8) | b;
        }

        return Mix(hash, last);
    }

    // Two rounds of xor-shift and an odd factor: each bit of both reaches every bit of the result. Never Nothing.
    private static ulong Mix(ulong hash, ulong value)
    {
        unchecked
        {
            hash = (hash ^ value) * 0x9E3779B97F4A7C15;
            hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93;
            hash ^= hash >> 29;
        }

        return hash == Nothing ? 1 : hash;
    }
}
