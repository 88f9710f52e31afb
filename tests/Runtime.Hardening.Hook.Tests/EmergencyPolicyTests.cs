using System.Text.Json;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook.Tests;

/// <summary>The profile that is compiled in works like the one that is applied: it must not break a container that has a capability.</summary>
public class EmergencyPolicyTests
{
    private static readonly SeccompDemand s_demand = EmergencyPolicy.Policy.Seccomp!;

    [Fact]
    public void ItKnowsTheCapabilitiesOnWhichTheShippedProfileDepends()
    {
        using JsonDocument json = JsonDocument.Parse(new EmergencyPolicy().Read(s_demand with { File = s_demand.ByCapability!.File }));
        IEnumerable<string> named = json.RootElement.GetProperty("syscalls").EnumerateArray()
            .SelectMany(static rule => ((string[])["includes", "excludes"]).Where(scope => rule.TryGetProperty(scope, out _)).Select(scope => rule.GetProperty(scope)))
            .Where(static scope => scope.TryGetProperty("caps", out _)).SelectMany(static scope => scope.GetProperty("caps").EnumerateArray()).Select(static name => name.GetString()!);
        Assert.Equal(CapabilitySet.Of([.. named]).ToNames(), s_demand.ByCapability!.Capabilities.ToNames());
    }

    [Fact]
    public void WithoutACapabilityItIsAPlainProfileForAllArchitecturesOfTheMachine()
    {
        SeccompProfile profile = SeccompProfile.Parse(new EmergencyPolicy().Read(s_demand).Span, "builtin");
        Assert.Equal(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], profile.Architectures);
        Assert.Empty(profile.OtherMembers);
        Assert.Equal(new SeccompResult(SeccompAction.Errno, 1), profile["mount"].Unconditional);
        Assert.Equal(SeccompResult.Allow, profile["read"].Unconditional);
    }
}
