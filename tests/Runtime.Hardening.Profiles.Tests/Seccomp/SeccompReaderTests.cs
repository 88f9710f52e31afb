using System.Text;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Profiles.Tests.Seccomp;

public sealed class SeccompReaderTests
{
    [Theory]
    [InlineData("{}", "no defaultAction")]
    [InlineData("""{"defaultAction":"SCMP_ACT_MAYBE"}""", "SCMP_ACT_MAYBE")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","defaultAction":"SCMP_ACT_KILL"}""", "twice")]
    [InlineData("""{"DefaultAction":"SCMP_ACT_ALLOW"}""", "second spelling")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","\u017fyscalls":[]}""", "second spelling")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"ALLOW"}]}""", "unknown action 'ALLOW'")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"]}]}""", "unknown action")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"Action":"SCMP_ACT_KILL"}]}""", "second spelling")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_KILL","args":[{"index":6,"op":"SCMP_CMP_EQ"}]}]}""", "index 6")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_KILL","args":[{"index":0,"op":"EQ"}]}]}""", "operator 'EQ'")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_KILL","args":[{"value":18446744073709551616,"op":"SCMP_CMP_EQ"}]}]}""", "18446744073709551615")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_KILL","args":[{"value":1,"value":2,"op":"SCMP_CMP_EQ"}]}]}""", "twice")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[1]}""", "an array of objects")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":{}}""", "an array")]
    [InlineData("[]", "an object")]
    [InlineData("""{"defaultAction":5}""", "'defaultAction' must be a string, but is the number 5.")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1.5}""", "'defaultErrnoRet' must be a whole number from 0 to 4294967295, but is the number 1.5.")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":"EPERM"}""", "from 0 to 4294967295, but is a string.")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","architectures":{}}""", "'architectures' must be an array, but is an object.")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","architectures":[true]}""", "'architectures' must be a string, but is true.")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":"a"}]}""", "'names' must be an array, but is a string.")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"args":{}}]}""", "'args' must be an array, but is an object.")]
    public void AProfileThatRuntimesRefuseOrReadDifferentlyIsRefused(string json, string word)
    {
        string message = Assert.Throws<HardeningFormatException>(() => SeccompProfile.Parse(Encoding.UTF8.GetBytes(json), "linux.seccomp")).Message;
        Assert.StartsWith("linux.seccomp: ", message, StringComparison.Ordinal);
        Assert.Contains(word, message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfTwoErrnosEnosysIsTheStricterElseTheSmaller()
    {
        SeccompResult Errno(uint value) => new(SeccompAction.Errno, value);
        Assert.Equal(Errno(38), SeccompResult.Strictest(Errno(38), Errno(1)));
        Assert.Equal(Errno(1), SeccompResult.Strictest(Errno(13), Errno(1)));
        Assert.Equal(SeccompAction.KillProcess, SeccompResult.Strictest(new(SeccompAction.KillProcess, 0), Errno(38)).Action);
    }

    [Theory]
    [InlineData(1, 20_000)]   // one entry, and every condition a rule of its own
    [InlineData(5000, 1)]
    [InlineData(2000, 1)]
    public void MoreConditionsThanAFilterCouldHoldAreRefusedAtOnce(int entries, int conditions)
    {
        string args = string.Join(',', Enumerable.Range(0, conditions).Select(static n => $$"""{"index":0,"value":{{n}},"op":"SCMP_CMP_EQ"}"""));
        string rules = string.Join(',', Enumerable.Range(0, entries).Select(n => $$"""{"names":["ioctl"],"action":"SCMP_ACT_ALLOW","args":[{{args}},{"index":1,"value":{{n}},"op":"SCMP_CMP_EQ"}]}"""));
        string json = $$"""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{{rules}}]}""";
        Assert.Contains("rules with conditions", Assert.Throws<HardeningFormatException>(() => SeccompProfile.Parse(Encoding.UTF8.GetBytes(json), "p")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SCMP_CMP_MASKED_EQ", 1UL)]
    [InlineData("SCMP_CMP_EQ", 0UL)]
    public void OfASecondValueOnlyBitsInAMaskAreKept(string op, ulong expected)
    {
        string json = $$"""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["clone"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":1,"valueTwo":3,"op":"{{op}}"}]}]}""";
        SeccompCondition condition = Assert.Single(Assert.Single(SeccompProfile.Parse(Encoding.UTF8.GetBytes(json), "p")["clone"].Conditional).Conditions);
        Assert.Equal(new SeccompCondition(0, op, 1, expected), condition);
    }

    [Fact]
    public void AnErrnoIsWhatAFilterHoldsOfIt()
        => Assert.Equal(1u, SeccompProfile.Parse("""{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":65537}"""u8, "p").Default.Errno);
}
