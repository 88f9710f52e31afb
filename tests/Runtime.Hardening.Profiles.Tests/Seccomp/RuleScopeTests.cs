using System.Text;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Seccomp;

/// <summary>Docker's format: for whom a rule is meant. What the engine itself makes of it is the measure.</summary>
public class RuleScopeTests
{
    private static readonly string s_here = NativeArchitecture.Docker;

    [Theory]
    [InlineData("""  "includes":{"caps":["CAP_SYS_TIME"]} """, "CAP_SYS_TIME", true)]
    [InlineData("""  "includes":{"caps":["CAP_SYS_TIME"]} """, "CAP_SYS_ADMIN", false)]
    [InlineData("""  "includes":{"caps":["CAP_SYS_TIME","CAP_SYS_ADMIN"]} """, "CAP_SYS_TIME", false)]
    [InlineData("""  "includes":{"caps":["CAP_SYS_TIME","CAP_SYS_ADMIN"]} """, "CAP_SYS_TIME CAP_SYS_ADMIN", true)]
    [InlineData("""  "excludes":{"caps":["CAP_SYS_TIME","CAP_SYS_ADMIN"]} """, "CAP_SYS_ADMIN", false)]
    [InlineData("""  "excludes":{"caps":["CAP_SYS_TIME"]} """, "CAP_SYS_ADMIN", true)]
    [InlineData("""  "includes":{"caps":["CAP_OF_TOMORROW"]} """, "CAP_SYS_ADMIN", false)]
    [InlineData("""  "includes":{"arches":["HERE","vax"]} """, "", true)]
    [InlineData("""  "includes":{"arches":["vax"]} """, "", false)]
    [InlineData("""  "excludes":{"arches":["HERE"]} """, "", false)]
    [InlineData("""  "includes":{"caps":["CAP_SYS_TIME"]}, "excludes":{"caps":["CAP_SYS_ADMIN"]} """, "CAP_SYS_TIME CAP_SYS_ADMIN", false)]
    [InlineData("""  "includes":null, "excludes":{} """, "", true)]
    public void ARuleIsInForceForThoseItIsMeantFor(string scope, string held, bool expected)
    {
        SeccompProfile profile = Settle($$"""{"names":["mount"],"action":"SCMP_ACT_ALLOW",{{scope.Replace("HERE", s_here, StringComparison.Ordinal)}}}""", held);
        Assert.Equal(expected, profile.Outcomes.ContainsKey("mount"));
    }

    [Fact]
    public void WhatCannotBeSettledHereIsRefused()
        => Assert.Contains("minKernel", Assert.Throws<HardeningFormatException>(
            static () => Settle("""{"names":["ptrace"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"4.8"}}""", "")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"defaultAction":"SCMP_ACT_ERRNO","archMap":7}""", "'archMap' must be an array, but is the number 7.")]
    [InlineData("""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW","excludes":[]}]}""", "'excludes' must be an object, but is an array.")]
    public void WhatHasAnotherFormIsNamedInJsonsWords(string json, string expected)
        => Assert.EndsWith(expected, Assert.Throws<HardeningFormatException>(() => SeccompProfile.ParseFor(Encoding.UTF8.GetBytes(json), "x", CapabilitySet.None)).Message, StringComparison.Ordinal);

    [Fact]
    public void AnEnginesProfileIsReadAsRuntimesReadItWhichKnowNoScopes()
    {
        const string Json = """{"defaultAction":"SCMP_ACT_ERRNO","archMap":7,"syscalls":[{"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}}]}""";
        Assert.True(SeccompProfile.Parse(Encoding.UTF8.GetBytes(Json), "x").Outcomes.ContainsKey("mount"));
    }

    [Fact]
    public void TheArchitecturesAreThoseOfThisMachine()
    {
        string json = $$"""
            {"//":["words"],"defaultAction":"SCMP_ACT_ERRNO","archMap":[
              {"architecture":"SCMP_ARCH_VAX","subArchitectures":["SCMP_ARCH_PDP"]},
              {"architecture":"{{NativeArchitecture.Scmp}}","subArchitectures":["SCMP_ARCH_X32"]},{"architecture":"SCMP_ARCH_ALPHA","subArchitectures":null}]}
            """;
        SeccompProfile profile = SeccompProfile.ParseFor(Encoding.UTF8.GetBytes(json), "x", CapabilitySet.None);
        Assert.Equal([NativeArchitecture.Scmp, "SCMP_ARCH_X32"], profile.Architectures);
        Assert.Empty(profile.OtherMembers);
    }

    private static SeccompProfile Settle(string rule, string held)
        => SeccompProfile.ParseFor(
            Encoding.UTF8.GetBytes($$"""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{{rule}}]}"""), "x", CapabilitySet.Of(held.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
