using System.Text;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Policies;

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
}
