using System.Text;
using System.Text.Json.Nodes;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Profiles.Tests.Rules;

/// <summary>What becomes of process.apparmorProfile, over what the engine gave, what the policy asks for and what the kernel has.</summary>
public sealed class AppArmorRuleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hardening-apparmor-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null, "ours")]
    [InlineData("", "ours")]
    [InlineData("unconfined", "ours")]
    [InlineData("docker-default", "ours")]
    [InlineData("cri-containerd.apparmor.d", "ours")]
    [InlineData("containers-default-0.50.1", "ours")]
    [InlineData("crio-default-1.26", "ours")]
    [InlineData("ours", "ours")]
    [InlineData("own//&ours", "own//&ours")]
    [InlineData("own", "own")]
    public void AKnownDefaultIsReplacedAndAnyOtherProfileKept(string? given, string expected)
        => Assert.Equal(expected, ProfileOf(given, Decide(given, "ours (enforce)\n", new AppArmorDemand("ours", AppArmorCombine.ReplaceDefault, null))));

    [Fact]
    public void AKeptProfileIsReportedWithTheWayToAddOurs()
    {
        Finding finding = Assert.Single(Decide("own", "ours (enforce)\n", new AppArmorDemand("ours", AppArmorCombine.ReplaceDefault, null)).Findings);
        Assert.Equal(FindingOutcome.Report, finding.Outcome);
        Assert.Equal("the engine gave its own profile 'own', which is kept; say 'combine: stack' to add 'ours' to it", finding.Message);
    }

    [Theory]
    [InlineData("docker-default", "ours")]
    [InlineData("own", "own//&ours")]
    [InlineData("own//&ours", "own//&ours")]
    public void StackAddsOursToWhatIsNoDefault(string given, string expected)
        => Assert.Equal(expected, ProfileOf(given, Decide(given, "ours (kill)\n", new AppArmorDemand("ours", AppArmorCombine.Stack, null))));

    [Theory]
    [InlineData("N\n", "", "this host's kernel has AppArmor switched off")]
    [InlineData("Y\n", "oursel (enforce)\nmy ours (enforce)\n", "'ours' is not loaded on this host (apparmor_parser -r FILE")]
    [InlineData("Y\n", "ours (complain)\n", "'ours' is loaded in complain mode, which denies nothing (aa-enforce")]
    [InlineData("Y\n", "ours (unconfined)\n", "'ours' is loaded in unconfined mode, which denies nothing")]
    public void AProfileThatWouldDenyNothingNeverTakesThePlaceOfTheEngines(string enabled, string loaded, string sentence)
    {
        PolicyDecision reported = Decide("docker-default", loaded, new AppArmorDemand("ours", AppArmorCombine.ReplaceDefault, Otherwise.Report), enabled);
        Assert.Equal("docker-default", ProfileOf("docker-default", reported));
        Finding finding = Assert.Single(reported.Findings);
        Assert.Equal(FindingOutcome.Report, finding.Outcome);
        Assert.Contains(sentence, finding.Message, StringComparison.Ordinal);
        Assert.EndsWith("so 'ours' does not confine the container", finding.Message, StringComparison.Ordinal);

        PolicyDecision refused = Decide("docker-default", loaded, new AppArmorDemand("ours", AppArmorCombine.ReplaceDefault, Otherwise.Refuse), enabled);
        Assert.Equal(DecisionOutcome.Refuse, refused.Outcome);
        Assert.StartsWith("policy 'p', apparmor: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is not loaded on this host (hardenctl apparmor load loads it)")]
    [InlineData("hardened-web-00000000 (enforce)\nhardened-web (enforce)\n", "is not loaded on this host (hardenctl apparmor load loads it)")]
    [InlineData("hardened-web-3f9a0c21 (complain)\n", "is loaded in complain mode, which denies nothing (hardenctl apparmor load mends it)")]
    public void OfAVersionOfOursItIsSaidThatHardenctlLoadsItAndNoOtherVersionStandsIn(string loaded, string sentence)
    {
        PolicyDecision decision = Decide("docker-default", loaded, new AppArmorDemand("hardened-web-3f9a0c21", AppArmorCombine.ReplaceDefault, Otherwise.Refuse));
        Assert.Equal(DecisionOutcome.Refuse, decision.Outcome);
        Assert.Contains($"'hardened-web-3f9a0c21' {sentence}", decision.Message, StringComparison.Ordinal);
        Assert.Equal("hardened-web-3f9a0c21", ProfileOf("docker-default", Decide("docker-default", "hardened-web-3f9a0c21 (enforce)\n", new AppArmorDemand("hardened-web-3f9a0c21", AppArmorCombine.ReplaceDefault, null))));
    }

    [Fact]
    public void WithoutOtherwiseItIsThePolicysOnErrorThatDecides()
    {
        var demand = new AppArmorDemand("ours", AppArmorCombine.ReplaceDefault, null);
        Assert.Equal(DecisionOutcome.Refuse, Decide(null, "", demand).Outcome);
        Assert.Equal(DecisionOutcome.PassThrough, Decide(null, "", demand, onError: OnError.PassThrough).Outcome);
    }

    private PolicyDecision Decide(string? given, string loaded, AppArmorDemand demand, string enabled = "Y\n", OnError onError = OnError.Refuse)
    {
        string switchFile = Path.Combine(_folder, "enabled"), profiles = Path.Combine(_folder, "profiles");
        File.WriteAllText(switchFile, enabled);
        File.WriteAllText(profiles, loaded);
        return Given.Decide(
            Spec(given), new HostFacts(switchFile, profiles), new Given.Profiles(), new Policy { Name = "p", AppArmor = demand, OnError = onError });
    }

    private static string? ProfileOf(string? given, PolicyDecision decision)
        => (string?)JsonNode.Parse(Given.Apply(Spec(given), decision))!["process"]!["apparmorProfile"];

    private static byte[] Spec(string? given)
        => Encoding.UTF8.GetBytes(given is null ? """{"process":{}}""" : $"{{\"process\":{{\"apparmorProfile\":\"{given}\"}}}}");
}
