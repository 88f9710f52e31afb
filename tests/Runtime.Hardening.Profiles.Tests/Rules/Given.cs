using System.Text;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Rules;

/// <summary>The pieces that a decision needs, short enough for a table.</summary>
internal static class Given
{
    public static HostFacts NoAppArmor { get; } = new("/nonexistent/enabled", "/nonexistent/profiles");

    public static PolicyDecision Decide(byte[] spec, HostFacts host, IProfileSource profiles, params Policy[] policies)
    {
        ContainerSpec parsed = ContainerSpec.Parse(spec);
        return PolicyEngine.Decide(parsed, FactsReader.Read(parsed, ""), host, policies, profiles);
    }

    public static PolicyDecision Decide(string spec, params Policy[] policies) => Decide(Encoding.UTF8.GetBytes(spec), NoAppArmor, new Profiles(), policies);

    /// <summary>What becomes of the spec; only for decisions that allow.</summary>
    public static string Harden(string spec, params Policy[] policies) => Apply(Encoding.UTF8.GetBytes(spec), Decide(spec, policies));

    public static string Apply(byte[] spec, PolicyDecision decision)
    {
        Assert.NotEqual(DecisionOutcome.Refuse, decision.Outcome);
        return Encoding.UTF8.GetString(SpecEditor.Apply(ContainerSpec.Parse(spec), decision.Edits).Bytes);
    }

    /// <summary>Profiles by the name of their file; one that is not there is damaged.</summary>
    internal sealed class Profiles(params (string File, byte[] Json)[] all) : IProfileSource
    {
        public ReadOnlyMemory<byte> Read(SeccompDemand demand)
        {
            foreach ((string file, byte[] json) in all)
            {
                if (file == demand.File)
                {
                    return json;
                }
            }

            throw new HardeningFormatException($"seccomp profile '{demand.Profile}' is missing");
        }
    }
}
