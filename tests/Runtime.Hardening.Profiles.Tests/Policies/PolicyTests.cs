using System.Text;
using CsCheck;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Tests.Inputs;

namespace Runtime.Hardening.Profiles.Tests.Policies;

public sealed class PolicyTests
{
    private static readonly DateTimeOffset s_created = new(2026, 11, 22, 19, 50, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", "", true)]
    [InlineData("a", "a", true)]
    [InlineData("a", "A", false)]
    [InlineData("*", "abc", true)]
    [InlineData("*", "", true)]
    [InlineData("*", "a/b", false)]
    [InlineData("**", "a/b", true)]
    [InlineData("a*c", "abbc", true)]
    [InlineData("a*c", "ab/c", false)]
    [InlineData("?", "/", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("web-*", "web-", true)]
    [InlineData("registry.example.org/*/frontend:*", "registry.example.org/team/frontend:1", true)]
    [InlineData("registry.example.org/*/frontend:*", "registry.example.org/a/b/frontend:1", false)]
    [InlineData("/etc/**", "/etc", true)]
    [InlineData("/etc/**", "/etc/a/b", true)]
    [InlineData("/etc/**", "/etcetera", false)]
    [InlineData("/", "/", true)]
    [InlineData("/home/*/**", "/home/bob", true)]
    [InlineData("/home/*/**", "/home/bob/x", true)]
    [InlineData("/home/*/**", "/home", false)]
    [InlineData("**/x*y/z", "a/xb/xcy/z", true)]
    [InlineData("a**b*c", "a/b/b-c", true)]
    [InlineData("[a]", "a", false)]
    public void AGlobCoversTheWholeText(string pattern, string text, bool expected) => Assert.Equal(expected, Glob.IsMatch(pattern, text));

    [Fact]
    public void AGlobAgreesWithItsDefinition() => Gen.Select(Gen.Char["ab/*?"].Array[0, 8], Gen.Char["ab/"].Array[0, 8]).Sample(
        (p, t) =>
        {
            (string pattern, string text) = (new string(p), new string(t));
            Assert.Equal(Defined(pattern, text) || (pattern.EndsWith("/**", StringComparison.Ordinal) && Glob.IsMatch(pattern[..^3], text)), Glob.IsMatch(pattern, text));
        },
        iter: 50_000);

    [Fact]
    public void AFactThatTheEngineDoesNotGiveMatchesNothing()
    {
        var facts = new ContainerFacts { Engine = "docker" };
        Assert.False(PolicyMatcher.IsMatch(With(new MatchClause { Images = ["**"] }), facts));
        Assert.False(PolicyMatcher.IsMatch(With(new MatchClause { Namespaces = ["*"] }), facts));
        Assert.False(PolicyMatcher.IsMatch(With(new MatchClause { Annotations = [new("a", "*")] }), facts));
        Assert.Equal("the engine gives no image", PolicyMatcher.Mismatch(new MatchClause { Images = ["**"] }, facts));
        Assert.True(PolicyMatcher.IsMatch(With(new MatchClause { Engines = ["podman", "docker"] }), facts));
    }

    [Theory]
    [InlineData(ContainerKinds.Workload, false, true)]
    [InlineData(ContainerKinds.Workload, true, false)]
    [InlineData(ContainerKinds.Sandbox, false, false)]
    [InlineData(ContainerKinds.Sandbox, true, true)]
    [InlineData(ContainerKinds.All, true, true)]
    [InlineData(ContainerKinds.All, false, true)]
    public void AClauseIsAboutItsKindOfContainer(ContainerKinds kinds, bool isSandbox, bool expected)
        => Assert.Equal(expected, PolicyMatcher.IsMatch(With(new MatchClause { Containers = kinds }), new ContainerFacts { IsSandbox = isSandbox }));

    [Fact]
    public void AnyClauseIsEnoughAndInsideOneAllKeysCount()
    {
        var facts = new ContainerFacts { Pod = "p", PodNamespace = "n", LooksPrivileged = true, Annotations = new Dictionary<string, string> { ["team"] = "abc" } };
        Assert.True(PolicyMatcher.IsMatch(With(new MatchClause { Pods = ["x"] }, new MatchClause { Pods = ["p"], Namespaces = ["n"] }), facts));
        Assert.False(PolicyMatcher.IsMatch(With(new MatchClause { Pods = ["p"], Namespaces = ["x"] }), facts));
        Assert.False(PolicyMatcher.IsMatch(With(new MatchClause { Privileged = false }), facts));
        Assert.True(PolicyMatcher.IsMatch(With(new MatchClause { Privileged = true, Annotations = [new("team", "a*")] }), facts));
        Assert.True(PolicyMatcher.IsMatch(With(), facts with { IsSandbox = true }));
    }

    [Fact]
    public void TheIndexHasItsGoldenBytes()
    {
        var index = new PolicyIndex("000007-3f9a0c21d4be", s_created, [new Policy { Name = "web", NoNewPrivileges = true, MaskPaths = ["/a"] }]);
        Assert.Equal(
            """{"generation":"000007-3f9a0c21d4be","created":"2026-11-22T19:50:00Z","policies":[{"name":"web","mode":"enforce","onError":"refuse","noNewPrivileges":true,"paths":{"mask":["/a"]}}]}""",
            Encoding.UTF8.GetString(index.WriteBody()));
        Assert.StartsWith("{\"format\":1,\"crc32c\":\"", Encoding.UTF8.GetString(index.Write()), StringComparison.Ordinal);
        Assert.Equal(0xe3069283, PolicyIndex.Checksum("123456789"u8));   // the check value of CRC-32C in RFC 3720's catalogue
    }

    [Fact]
    public void EveryPolicySurvivesTheIndex() => Gen.UInt.Sample(
        seed =>
        {
            var maker = new PolicyMaker(new System.Random((int)(seed >> 1)));
            byte[] written = new PolicyIndex("g", s_created, maker.Some()).Write();
            PolicyIndex read = PolicyIndex.Read(written);
            Assert.Equal(s_created, read.Created);
            Assert.Equal(Encoding.UTF8.GetString(written), Encoding.UTF8.GetString(read.Write()));
        },
        iter: 5_000);

    [Fact]
    public void AFlippedBitIsNoticed()
    {
        byte[] written = new PolicyIndex("g", s_created, [new Policy { Name = "web", NoNewPrivileges = true }]).Write();
        int body = Encoding.UTF8.GetString(written).IndexOf("{\"generation", StringComparison.Ordinal);
        for (int i = body; i < written.Length - 2; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. written];
                damaged[i] ^= (byte)(1 << bit);
                Assert.Throws<HardeningFormatException>(() => PolicyIndex.Read(damaged));
            }
        }
    }

    [Theory]
    [InlineData("""{"name":"p","hostPorts":1}""", "hostPorts")]
    [InlineData("""{"name":"p","match":[{"labels":[]}]}""", "labels")]
    [InlineData("""{"name":"p","require":{"windows":{}}}""", "windows")]
    [InlineData("""{"name":"p","capabilities":{"keep":["CAP_X"]}}""", "CAP_X")]
    [InlineData("""{"name":"p","mode":"maybe"}""", "maybe")]
    [InlineData("""{"name":"p","resources":{"ioMax":1}}""", "ioMax")]
    [InlineData("""{"name":"p","resources":{"pidsMax":0}}""", "from 1 to")]
    [InlineData("""{"name":"p","resources":{"memoryMax":"1Gi"}}""", "whole number")]
    [InlineData("""{"name":"p","seccomp":{"profile":"s","file":"f","crc32c":"00000000","byKernel":{}}}""", "byKernel")]
    [InlineData("""{"name":"p","seccomp":{"profile":"s","file":"f","crc32c":"00000000","byCapability":{"capabilities":["CAP_CHOWN"],"file":"g"}}}""", "checksum")]
    [InlineData("""{"mode":"audit"}""", "no name")]
    public void AnUnknownWishMakesTheIndexUnusable(string policy, string word)
    {
        byte[] body = Encoding.UTF8.GetBytes($$"""{"generation":"g","created":"2026-11-22T19:50:00Z","policies":[{{policy}}]}""");
        string file = $"{{\"format\":1,\"crc32c\":\"{PolicyIndex.ChecksumText(PolicyIndex.Checksum(body))}\",\"body\":{Encoding.UTF8.GetString(body)}}}";
        Assert.Contains(word, Assert.Throws<HardeningFormatException>(() => PolicyIndex.Read(Encoding.UTF8.GetBytes(file))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"format":2,"crc32c":"0","body":{}}""", "format is 2")]
    [InlineData("""{"body":{}}""", "body")]
    [InlineData("", "unusable")]
    public void AnotherFormatIsRefused(string json, string word)
        => Assert.Contains(word, Assert.Throws<HardeningFormatException>(() => PolicyIndex.Read(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    private static Policy With(params MatchClause[] clauses) => new() { Name = "p", Match = clauses };

    private static bool Defined(string pattern, string text)
    {
        if (pattern.Length == 0)
        {
            return text.Length == 0;
        }

        bool isWide = pattern.StartsWith("**", StringComparison.Ordinal);
        if (pattern[0] == '*')
        {
            return Defined(pattern[(isWide ? 2 : 1)..], text) || (text.Length > 0 && (isWide || text[0] != '/') && Defined(pattern, text[1..]));
        }

        return text.Length > 0 && (pattern[0] == text[0] || (pattern[0] == '?' && text[0] != '/')) && Defined(pattern[1..], text[1..]);
    }
}
