using System.Text;
using System.Text.RegularExpressions;

namespace Runtime.Hardening.Hook.Tests;

public class RuntimeErrorTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("/bundle\nlevel=info msg=\"all is well\"", "/bundle\\nlevel=info msg=\\\"all is well\\\"")]
    [InlineData("a\\nb", "a\\\\nb")]
    [InlineData("\r\t\u001b[2J\u007f\u0085", "\\r\\t\\u001b[2J\\u007f\\u0085")]
    [InlineData("größer als 1", "größer als 1")]
    public void ALineOfATextLogStaysOneLineAndItsTextItsText(string sentence, string written)
        => Assert.Equal($"time=\"2026-11-22T20:00:00Z\" level=error msg=\"{written}\"\n", Encoding.UTF8.GetString(RuntimeError.Text(sentence, s_now)));

    [Theory]
    [InlineData("folder 'a\nb' of \\ c", "folder 'a\\nb' of \\ c")]
    [InlineData("plain \"text\"", "plain \"text\"")]
    public void ASentenceForStandardErrorIsOneLine(string sentence, string written)
    {
        Assert.Equal(written, RuntimeError.OnOneLine(sentence));
        Assert.DoesNotMatch(new Regex(@"\p{Cc}"), RuntimeError.OnOneLine(sentence));
    }
}
