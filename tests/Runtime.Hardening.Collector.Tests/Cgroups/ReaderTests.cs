using System.Text;
using CsCheck;
using Runtime.Hardening.Collector.Cgroups;

namespace Runtime.Hardening.Collector.Tests.Cgroups;

public class ReaderTests
{
    [Fact]
    public void Flat_keyed_lines_come_out_in_order()
    {
        var reader = new FlatKeyedReader("usage_usec 14624\nuser_usec 0\n"u8);
        Assert.True(reader.TryReadNext(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value));
        Assert.Equal(("usage_usec", 14624L), (Encoding.UTF8.GetString(key), Number.Parse(value)));
        Assert.True(reader.TryReadNext(out key, out value));
        Assert.Equal(("user_usec", 0L), (Encoding.UTF8.GetString(key), Number.Parse(value)));
        Assert.False(reader.TryReadNext(out _, out _));
    }

    [Theory]
    [InlineData("novalue\n")]
    [InlineData("trailing \n")]
    [InlineData(" 12\n")]
    public void A_flat_line_without_key_and_value_is_said(string text) =>
        Assert.Contains("KEY VALUE", Assert.Throws<CgroupFormatException>(() => ReadFlat(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("12x")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5")]
    public void What_is_no_number_is_said(string text) =>
        Assert.Throws<CgroupFormatException>(() => Number.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Max_is_no_value() => Assert.Null(SingleValueReader.Read("max\n"u8));

    [Fact]
    public void A_number_beyond_64_bits_signed_is_capped() => Assert.Equal(long.MaxValue, SingleValueReader.Read("18446744073709551615\n"u8));

    [Theory]
    [InlineData("max 100000\n", null)]
    [InlineData("150000 100000\n", 1.5)]
    public void Cpu_max_is_processors(string text, double? expected) =>
        Assert.Equal(expected, SingleValueReader.ReadCpuMax(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("max\n")]
    [InlineData("1 0\n")]
    public void A_bad_cpu_max_is_said(string text) =>
        Assert.Throws<CgroupFormatException>(() => SingleValueReader.ReadCpuMax(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Readers_never_fail_but_by_their_own_exception() => Gen.String.Sample(text =>
    {
        try
        {
            ReadFlat(text);
            ReadNested(text);
        }
        catch (CgroupFormatException)
        {
            return true;
        }

        return true;
    });

    private static void ReadFlat(string text)
    {
        var reader = new FlatKeyedReader(Encoding.UTF8.GetBytes(text));
        while (reader.TryReadNext(out _, out ReadOnlySpan<byte> value))
        {
            Number.Parse(value);
        }
    }

    private static void ReadNested(string text)
    {
        var reader = new NestedKeyedReader(Encoding.UTF8.GetBytes(text));
        while (reader.TryReadLine(out _))
        {
            while (reader.TryReadPair(out _, out ReadOnlySpan<byte> value))
            {
                Number.Parse(value);
            }
        }
    }
}
