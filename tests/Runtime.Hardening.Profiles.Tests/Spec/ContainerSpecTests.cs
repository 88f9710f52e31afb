using System.Text;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Spec;

public sealed class ContainerSpecTests
{
    [Theory]
    [InlineData(SpecPath.Process, """{"process":{"cwd":"/"}}""", """{"cwd":"/"}""")]
    [InlineData(SpecPath.UserUid, """{"process":{"user":{"gid":1,"uid": 1000 }}}""", "1000")]
    [InlineData(SpecPath.CapabilitiesBounding, """{"process":{"capabilities":{"bounding":[ "CAP_KILL" ]}}}""", """[ "CAP_KILL" ]""")]
    [InlineData(SpecPath.CapabilitiesAmbient, """{"process":{"capabilities":{"ambient":[]}}}""", "[]")]
    [InlineData(SpecPath.NoNewPrivileges, """{"process":{"noNewPrivileges" : true}}""", "true")]
    [InlineData(SpecPath.AppArmorProfile, """{"process":{"apparmorProfile":"a\"b"}}""", "\"a\\\"b\"")]
    [InlineData(SpecPath.Rlimits, """{"process":{"rlimits":[{"type":"RLIMIT_CORE"}]}}""", """[{"type":"RLIMIT_CORE"}]""")]
    [InlineData(SpecPath.RootReadonly, """{"root":{"readonly":false}}""", "false")]
    [InlineData(SpecPath.Hostname, """{"linux":{"hostname":"no"},"hostname":"yes"}""", "\"yes\"")]
    [InlineData(SpecPath.Seccomp, """{"linux":{"seccomp":{"a":{"b":[1,2]}}}}""", """{"a":{"b":[1,2]}}""")]
    [InlineData(SpecPath.MaskedPaths, """{"linux":{"maskedPaths":["/]"]}}""", """["/]"]""")]
    [InlineData(SpecPath.ResourcesDevices, """{"linux":{"resources":{"devices":[]}}}""", "[]")]
    [InlineData(SpecPath.Linux, """{"other":{"linux":1},"linux":{ }}""", "{ }")]
    public void EachPlaceIsFoundWithExactlyItsBytes(SpecPath path, string json, string expected)
        => Assert.Equal(expected, Encoding.UTF8.GetString(Parse(json).Raw(path)));

    [Fact]
    public void AnEscapedKeyIsTheSameKey() => Assert.True(Parse("""{"pro\u0063ess":{"no\u004eewPrivileges":true}}""").Flag(SpecPath.NoNewPrivileges));

    [Fact]
    public void NullIsPresentAndCountsAsAbsent()
    {
        ContainerSpec spec = Parse("""{"process":null,"hostname":null,"linux":{"seccomp": null}}""");
        foreach (SpecPath path in (SpecPath[])[SpecPath.Process, SpecPath.Hostname, SpecPath.Seccomp])
        {
            Assert.True(spec.IsPresent(path));
            Assert.False(spec.Has(path));
        }

        Assert.Null(spec.Text(SpecPath.Hostname));
    }

    [Theory]
    [InlineData("""{"process":{},"process":{}}""", "process stands there twice")]
    [InlineData("""{"process":null,"process":{}}""", "process stands there twice")]
    [InlineData("""{"process":{"noNewPrivileges":true,"noNewPrivileges":false}}""", "process.noNewPrivileges stands there twice")]
    [InlineData("""{"process":{"noNewPrivileges":true,"noNewPrivilege\u0073":false}}""", "process.noNewPrivileges stands there twice")]
    [InlineData("""{"process":{"NoNewPrivileges":false}}""", "'NoNewPrivileges' in process is a second spelling of 'noNewPrivileges'")]
    [InlineData("""{"process":{"noNewPrivilege\u017f":false}}""", "a second spelling of 'noNewPrivileges'")]
    [InlineData("{\"process\":{\"noNewPrivilege\u017f\":false}}", "a second spelling of 'noNewPrivileges'")]
    [InlineData("{\"linux\":{\"mas\u212aedPaths\":[]}}", "a second spelling of 'maskedPaths'")]
    [InlineData("""{"linux":{"mas\u212AedPaths":[]}}""", "a second spelling of 'maskedPaths'")]
    [InlineData("""{"LINUX":{}}""", "'LINUX' in the document is a second spelling of 'linux'")]
    [InlineData("""{"linux":{"\u0053eccomp":null}}""", "a second spelling of 'seccomp'")]
    public void WhatRuntimesReadDifferentlyIsRefusedWithASentence(string json, string sentence)
        => Assert.Contains(sentence, Refused(json), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"x":1,"x":2}""")]
    [InlineData("""{"linux":{"process":{},"Process":{}}}""")]
    [InlineData("""{"process":{"noNewPrivilege":1,"noNewPrivilegesx":2}}""")]
    [InlineData("{\"pr\u00f8cess\":1}")]
    public void KeysThatAreNotOursMayRepeatAndVary(string json) => Assert.Equal(json, Encoding.UTF8.GetString(Parse(json).Bytes));

    [Theory]
    [InlineData("", "is empty; expected a JSON object")]
    [InlineData(" \n", "is empty; expected a JSON object")]
    [InlineData("[]", "must be a JSON object, but is an array")]
    [InlineData("{\n \"process\": {\n  \"cwd\": }\n}", "line 3")]
    [InlineData("{\"process\":[]}", "process must be an object, but is an array")]
    [InlineData("{\"linux\":\"x\"}", "linux must be an object, but is a string")]
    [InlineData("{\"process\":{", "not valid JSON")]
    [InlineData("\ufeff{}", "not valid JSON at line 1, byte 1")]
    public void WhatIsNoSpecIsRefusedWithItsPlace(string json, string sentence) => Assert.Contains(sentence, Refused(json), StringComparison.Ordinal);

    [Theory]
    [InlineData(999, true)]
    [InlineData(1_001, false)]
    [InlineData(100_000, false)]
    public void DepthIsBoundedBelowAnyStack(int depth, bool isRead)
    {
        string json = $"{{\"x\":{new string('[', depth)}{new string(']', depth)}}}";
        if (isRead)
        {
            _ = Parse(json);
        }
        else
        {
            Assert.Contains("not valid JSON", Refused(json), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TrailingBytesAreKept() => Assert.Equal("{} trailing", Encoding.UTF8.GetString(Parse("{} trailing").Bytes));

    [Theory]
    [InlineData("0", 0UL)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("18446744073709551616", null)]
    [InlineData("-1", null)]
    [InlineData("1.0", null)]
    [InlineData("1e2", null)]
    [InlineData("\"1\"", null)]
    public void OnlyWholeNumbersOf64BitsAreNumbers(string token, ulong? expected)
    {
        ContainerSpec spec = Parse($"{{\"process\":{{\"user\":{{\"uid\":{token}}}}}}}");
        if (expected is not null)
        {
            Assert.Equal(expected, spec.Number(SpecPath.UserUid));
        }
        else
        {
            Assert.Contains("process.user.uid must be a whole number", Assert.Throws<SpecFormatException>(() => spec.Number(SpecPath.UserUid)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ValuesOfTheWrongKindAreNamed()
    {
        ContainerSpec spec = Parse("""{"hostname":1,"process":{"noNewPrivileges":"true","capabilities":{"bounding":["CAP_KILL",1]}},"linux":{"maskedPaths":{}}}""");
        Assert.Contains("hostname must be a string", Assert.Throws<SpecFormatException>(() => spec.Text(SpecPath.Hostname)).Message, StringComparison.Ordinal);
        Assert.Contains("must be true or false", Assert.Throws<SpecFormatException>(() => spec.Flag(SpecPath.NoNewPrivileges)).Message, StringComparison.Ordinal);
        Assert.Contains("array of strings", Assert.Throws<SpecFormatException>(() => spec.Texts(SpecPath.CapabilitiesBounding)).Message, StringComparison.Ordinal);
        Assert.Contains("an array", Assert.Throws<SpecFormatException>(() => spec.Texts(SpecPath.MaskedPaths)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TextThatIsNoUnicodeIsRefusedAndNotACrash()
    {
        byte[] bytes = [.. "{\"hostname\":\""u8, 0xff, .. "\",\"linux\":{\"maskedPaths\":[\"\\ud800\"]},\"process\":{\"rlimits\":[{\"type\":\"\\udfff\"}]}}"u8];
        ContainerSpec spec = ContainerSpec.Parse(bytes);
        Assert.Throws<SpecFormatException>(() => spec.Text(SpecPath.Hostname));
        Assert.Throws<SpecFormatException>(() => spec.Texts(SpecPath.MaskedPaths));
        Assert.Throws<SpecFormatException>(() => spec.Rlimits());
    }

    [Fact]
    public void AKeyThatIsNoUtf8IsKept()
    {
        byte[] bytes = [.. "{\"x"u8, 0xff, .. "\":1}"u8];
        Assert.Equal(bytes, ContainerSpec.Parse(bytes).Bytes);
    }

    [Fact]
    public void AProcessDocumentIsTheProcess()
        => Assert.True(ContainerSpec.ParseProcess("{\"noNewPrivileges\":true,\"process\":{}}"u8.ToArray()).Flag(SpecPath.NoNewPrivileges));

    private static ContainerSpec Parse(string json) => ContainerSpec.Parse(Encoding.UTF8.GetBytes(json));

    private static string Refused(string json) => Assert.Throws<SpecFormatException>(() => Parse(json)).Message;
}
