using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Runtime.Hardening.Profiles.Policies;

/// <summary>
/// The index of a generation: all its policies in one small file (ARCHITECTURE.md, "Policy store"). Reading and writing stand side by side, because
/// they must never drift apart. A member that this version does not know makes the whole index unusable: skipping it could leave a container open.
/// </summary>
/// <param name="Generation">The name of the generation's folder.</param>
/// <param name="Created">When hardenctl compiled it.</param>
/// <param name="Policies">In the order of their names.</param>
public sealed record PolicyIndex(string Generation, DateTimeOffset Created, Policy[] Policies)
{
    /// <summary>The file's name in a generation's folder.</summary>
    public const string FileName = "index.json";

    /// <summary>The version this program writes; it reads no other yet, because there has been none.</summary>
    public const int Format = 1;

    /// <summary>The checksum that guards index and profiles against torn or rotten files; ownership and mode guard against people.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    /// <summary>A checksum as it is spelled in index.json and file names: 8 lower-case hex digits.</summary>
    public static string ChecksumText(uint checksum) => checksum.ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>Reads an index.</summary>
    /// <exception cref="HardeningFormatException">It is damaged, of another format, or has members that this version does not know.</exception>
    public static PolicyIndex Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return PolicyIndexReader.Read(utf8);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new HardeningFormatException($"index.json is unusable: {e.Message}. Run 'hardenctl policy apply' again.", e);
        }
    }

    /// <summary>The bytes of the file.</summary>
    public byte[] Write()
    {
        byte[] body = WriteBody();
        var output = new ArrayBufferWriter<byte>(body.Length + 64);
        output.Write(System.Text.Encoding.ASCII.GetBytes($"{{\"format\":{Format},\"crc32c\":\"{ChecksumText(Checksum(body))}\",\"body\":"));
        output.Write(body);
        output.Write("}\n"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The value of <c>body</c>: what the checksum covers.</summary>
    public byte[] WriteBody() => PolicyIndexWriter.WriteBody(this);
}
