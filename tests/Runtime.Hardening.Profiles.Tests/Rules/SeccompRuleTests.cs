using System.Text;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Rules;

public sealed class SeccompRuleTests
{
    private const string UnreadableByUs = """{"process":{},"linux":{"seccomp":{"defaultAction":"SCMP_ACT_OF_NEXT_YEAR"}}}""";

    private static readonly Given.Profiles s_profiles = new(("seccomp/p.json", Encoding.UTF8.GetBytes("""{"defaultAction":"SCMP_ACT_ERRNO"}""")));

    [Theory]
    [InlineData(PolicyMode.Enforce, OnError.Refuse, DecisionOutcome.Refuse)]
    [InlineData(PolicyMode.Enforce, OnError.PassThrough, DecisionOutcome.PassThrough)]
    [InlineData(PolicyMode.Audit, OnError.Refuse, DecisionOutcome.Allow)]
    public void AnEngineProfileThatWeCannotReadEndsAsThePolicySays(PolicyMode mode, OnError onError, DecisionOutcome expected)
    {
        var policy = new Policy { Name = "p", Mode = mode, OnError = onError, Seccomp = new SeccompDemand("p", "seccomp/p.json", 0) };
        PolicyDecision decision = Given.Decide(Encoding.UTF8.GetBytes(UnreadableByUs), Given.NoAppArmor, s_profiles, policy);
        Assert.Equal(expected, decision.Outcome);
        Assert.Contains("SCMP_ACT_OF_NEXT_YEAR", Assert.Single(decision.Findings).Message, StringComparison.Ordinal);
    }

    private static readonly byte[] s_without = """{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}"""u8.ToArray();

    private static readonly Given.Profiles s_byCapability = new(
        ("seccomp/d.json", s_without),
        ("seccomp/c.json", """
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"},
             {"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
             {"names":["clock_settime"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_TIME"]}}]}
            """u8.ToArray()));

    private static readonly Policy s_default = new()
    {
        Name = "d",
        Seccomp = new SeccompDemand("d", "seccomp/d.json", 0, new SeccompByCapability(CapabilitySet.Of("CAP_SYS_ADMIN", "CAP_SYS_TIME"), "seccomp/c.json", 0)),
    };

    [Theory]
    [InlineData("", "read")]
    [InlineData("\"CAP_CHOWN\"", "read")]
    [InlineData("\"CAP_SYS_TIME\"", "clock_settime read")]
    [InlineData("\"CAP_CHOWN\",\"CAP_SYS_TIME\",\"CAP_SYS_ADMIN\"", "clock_settime mount read")]
    public void AProfileThatDependsOnCapabilitiesIsTheOneOfThisContainers(string bounding, string allowed)
    {
        Assert.Equal(allowed, Allowed(bounding, null, s_default));
        // What the engine gave stays the bound: no profile of ours opens what it closed.
        Assert.Equal("read", Allowed(bounding, """{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}""", s_default));
        Assert.Equal(allowed, Allowed(bounding, """{"defaultAction":"SCMP_ACT_ALLOW"}""", s_default));
    }

    [Fact]
    public void ACallThatBothAllowAndNoArgumentIsLeftOfIsNamedInTheChange()
    {
        var profiles = new Given.Profiles(("seccomp/w.json", """
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"},
             {"names":["write"],"action":"SCMP_ACT_ALLOW","args":[{"index":2,"value":1,"op":"SCMP_CMP_GE"}]}]}
            """u8.ToArray()));
        const string Engines = """
            {"process":{},"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read","close"],"action":"SCMP_ACT_ALLOW"},
             {"names":["write"],"action":"SCMP_ACT_ALLOW","args":[{"index":2,"value":0,"op":"SCMP_CMP_EQ"}]}]}}}
            """;

        PolicyDecision decision = Given.Decide(Encoding.UTF8.GetBytes(Engines), Given.NoAppArmor, profiles, new Policy { Name = "p", Seccomp = new SeccompDemand("w", "seccomp/w.json", 0) });

        Assert.Equal(
            "met with w, 1 calls allowed; not write, which each allows on conditions that cannot stand together",
            Assert.Single(decision.Edits.Edits, static edit => edit.Path == SpecPath.Seccomp).After);
    }

    [Fact]
    public void ACapabilityThatAnyPolicyTakesAwayOpensNothing()
        => Assert.Equal("clock_settime read", Allowed(
            "\"CAP_SYS_TIME\",\"CAP_SYS_ADMIN\"", null, s_default, new Policy { Name = "z", KeepCapabilities = CapabilitySet.Of("CAP_SYS_TIME", "CAP_KILL") }));

    [Fact]
    public void AContainerWithoutSuchACapabilityGetsTheBytesAsTheyStand()
    {
        string hardened = Given.Apply(Spec("\"CAP_CHOWN\"", null), Given.Decide(Spec("\"CAP_CHOWN\"", null), Given.NoAppArmor, s_byCapability, s_default));
        Assert.Contains(Encoding.UTF8.GetString(s_without), hardened, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatWasSettledOnceIsNotChangedAgain()
    {
        byte[] spec = Spec("\"CAP_SYS_TIME\"", null);
        byte[] hardened = Encoding.UTF8.GetBytes(Given.Apply(spec, Given.Decide(spec, Given.NoAppArmor, s_byCapability, s_default)));
        Assert.Empty(Given.Decide(hardened, Given.NoAppArmor, s_byCapability, s_default).Edits.Edits);
    }

    private static string Allowed(string bounding, string? engines, params Policy[] policies)
    {
        byte[] spec = Spec(bounding, engines);
        string hardened = Given.Apply(spec, Given.Decide(spec, Given.NoAppArmor, s_byCapability, policies));
        SeccompProfile profile = SeccompProfile.Parse(ContainerSpec.Parse(Encoding.UTF8.GetBytes(hardened)).Raw(SpecPath.Seccomp), "it");
        return string.Join(' ', ((string[])["clock_settime", "mount", "read"]).Where(name => profile[name].Unconditional == SeccompResult.Allow));
    }

    private static byte[] Spec(string bounding, string? seccomp)
        => Encoding.UTF8.GetBytes($$$"""{"process":{"capabilities":{"bounding":[{{{bounding}}}]}},"linux":{"seccomp":{{{seccomp ?? "null"}}} }}""");
}
