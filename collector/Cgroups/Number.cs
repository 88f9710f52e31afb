using System.Buffers.Text;
using System.Text;

namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>Numbers as kernel files write them.</summary>
internal static class Number
{
    /// <summary>Reads an unsigned decimal number, which must fill the text.</summary>
    /// <exception cref="CgroupFormatException">It is not one.</exception>
    internal static long Parse(ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out ulong value, out int used) || used != text.Length || text[0] == '+')
        {
            throw new CgroupFormatException($"expected a decimal number, found '{Encoding.UTF8.GetString(text)}'");
        }

        // Points are signed 64-bit. Only "no limit" written as a huge number comes near.
        return (long)Math.Min(value, long.MaxValue);
    }

    /// <summary>Like <see cref="Parse"/>, but the kernel's "max" is null: no limit.</summary>
    internal static long? ParseOrMax(ReadOnlySpan<byte> text) => text.SequenceEqual("max"u8) ? null : Parse(text);
}
