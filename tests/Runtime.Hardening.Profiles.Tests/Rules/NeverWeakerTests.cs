using System.Text;
using CsCheck;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;
using Runtime.Hardening.Profiles.Tests.Inputs;
using Runtime.Hardening.Profiles.Tests.Seccomp;

namespace Runtime.Hardening.Profiles.Tests.Rules;

/// <summary>The promises of PolicyEngine over random specs and random policies.</summary>
public sealed class NeverWeakerTests
{
    private static readonly SpecPath[] s_managed =
    [
        SpecPath.CapabilitiesBounding, SpecPath.CapabilitiesEffective, SpecPath.CapabilitiesPermitted, SpecPath.CapabilitiesInheritable,
        SpecPath.CapabilitiesAmbient, SpecPath.NoNewPrivileges, SpecPath.AppArmorProfile, SpecPath.Rlimits, SpecPath.RootReadonly, SpecPath.Seccomp,
        SpecPath.MaskedPaths, SpecPath.ReadonlyPaths, SpecPath.Annotations, SpecPath.WorkingDirectory,
        SpecPath.PidsLimit, SpecPath.MemoryLimit, SpecPath.MemorySwap, SpecPath.CpuQuota, SpecPath.CpuPeriod,
        SpecPath.CpuBurst, SpecPath.UnifiedPidsMax, SpecPath.UnifiedMemoryMax, SpecPath.UnifiedCpuMax, SpecPath.UnifiedCpuMaxBurst,
    ];

    [Fact]
    public void AHardenedSpecGrantsNothingThatTheEnginesDidNot() => ForRandomCases(
        iter: 10_000,
        static (spec, decision, _, _, random) =>
        {
            (byte[] bytes, AppliedEdit[] applied) = SpecEditor.Apply(spec, decision.Edits);
            ContainerSpec hardened = ContainerSpec.Parse(bytes);
            Assert.Equal(spec.Bytes.ToArray(), SpecEditor.Revert(bytes, applied));
            foreach (SpecPath path in Enum.GetValues<SpecPath>().Where(static path => !path.IsObject() && !s_managed.Contains(path)))
            {
                Assert.Equal(spec.Raw(path).ToArray(), hardened.Raw(path).ToArray());
            }

            for (SpecPath set = SpecPath.CapabilitiesBounding; set <= SpecPath.CapabilitiesAmbient; set++)
            {
                Assert.Empty(hardened.Texts(set).Except(spec.Texts(set)));
            }

            Assert.True(hardened.Flag(SpecPath.NoNewPrivileges) || !spec.Flag(SpecPath.NoNewPrivileges));
            Assert.True(hardened.Flag(SpecPath.RootReadonly) || !spec.Flag(SpecPath.RootReadonly));
            Assert.Empty(spec.Texts(SpecPath.MaskedPaths).Except(hardened.Texts(SpecPath.MaskedPaths)));
            Assert.Empty(spec.Texts(SpecPath.ReadonlyPaths).Except(hardened.Texts(SpecPath.ReadonlyPaths)));
            Assert.Empty(FactsReader.Read(hardened, "").Annotations.Except(FactsReader.Read(spec, "").Annotations));
            Assert.Contains(hardened.Text(SpecPath.WorkingDirectory), (string?[])[spec.Text(SpecPath.WorkingDirectory), "/"]);
            AssertLimits(spec.Rlimits(), hardened.Rlimits());
            AssertSeccomp(spec, hardened, random);
            ResourceModel.AssertNeverWeaker(spec, hardened);
        });

    [Fact]
    public void EveryEnforcedDemandIsMetUnlessAFindingSaysWhyNot() => ForRandomCases(
        iter: 5_000,
        static (spec, decision, policies, profiles, random) =>
        {
            if (decision.Outcome != DecisionOutcome.Allow || decision.Findings.Any(static finding => finding.Outcome == FindingOutcome.Error))
            {
                return;
            }

            ContainerSpec hardened = ContainerSpec.Parse(SpecEditor.Apply(spec, decision.Edits).Bytes);
            foreach (Policy policy in policies.Where(policy => decision.Policies.Contains(policy.Name)))
            {
                Assert.DoesNotContain("run.oci.seccomp_bpf_data", FactsReader.Read(hardened, "").Annotations.Keys);
                Assert.False(hardened.Text(SpecPath.WorkingDirectory)?.Contains("fd", StringComparison.Ordinal) ?? false);
                Assert.True(!policy.NoNewPrivileges || !spec.Has(SpecPath.Process) || hardened.Flag(SpecPath.NoNewPrivileges));
                Assert.True(!policy.ReadOnlyRootFilesystem || hardened.Flag(SpecPath.RootReadonly));
                Assert.Empty(policy.MaskPaths.Except(hardened.Texts(SpecPath.MaskedPaths)));
                Assert.Empty(policy.ReadOnlyPaths.Except(hardened.Texts(SpecPath.ReadonlyPaths)).Except(hardened.Texts(SpecPath.MaskedPaths)));
                for (SpecPath set = SpecPath.CapabilitiesBounding; policy.KeepCapabilities is { } keep && set <= SpecPath.CapabilitiesAmbient; set++)
                {
                    Assert.True(keep.Contains(hardened.CapabilitySet(set)));
                }

                if (policy.Seccomp is { } demand)
                {
                    Calls.AssertNeverWeaker(
                        SeccompModel.Parse(hardened.RawMemory(SpecPath.Seccomp)), Demanded(profiles, demand, hardened.CapabilitySet(SpecPath.CapabilitiesBounding)), random, static () => "the policy's profile");
                }

                if (policy.Resources is { } bounds)
                {
                    ResourceModel.AssertWithin(bounds, hardened);
                }

                foreach (Rlimit limit in policy.Rlimits.Where(_ => spec.Has(SpecPath.Process)))
                {
                    Assert.Contains(hardened.Rlimits(), found => found.Type == limit.Type);
                    Assert.All(hardened.Rlimits().Where(found => found.Type == limit.Type), found => Assert.True(found.Soft <= limit.Soft && found.Hard <= limit.Hard));
                }
            }
        });

    [Fact]
    public void HardeningTwiceChangesNothing() => ForRandomCases(
        iter: 5_000,
        static (spec, decision, policies, profiles, _) =>
        {
            byte[] once = SpecEditor.Apply(spec, decision.Edits).Bytes;
            ContainerSpec hardened = ContainerSpec.Parse(once);
            // The facts are those of the container, as they were when it was made: masks may have made it look less privileged.
            PolicyDecision again = PolicyEngine.Decide(hardened, FactsReader.Read(spec, ""), Host, policies, profiles);
            if (again.Outcome != DecisionOutcome.Refuse)
            {
                Assert.Equal(Encoding.UTF8.GetString(once), Encoding.UTF8.GetString(SpecEditor.Apply(hardened, again.Edits).Bytes));
            }
        });

    [Fact]
    public void OrderAndRepetitionOfPoliciesDoNotMatter() => ForRandomCases(
        iter: 5_000,
        static (spec, decision, policies, profiles, random) =>
        {
            Policy[] shuffled = [.. policies];
            random.Shuffle(shuffled);
            PolicyDecision other = PolicyEngine.Decide(spec, FactsReader.Read(spec, ""), Host, shuffled, profiles);
            Assert.Equal(decision.Outcome, other.Outcome);
            Assert.Equal(decision.Message, other.Message);
            Assert.Equal(decision.Findings, other.Findings);
            Assert.Equal(decision.Policies, other.Policies);
            AssertSameBytes(spec, decision, other);
            // Two policies with one name do not pass the compiler; what is applied must not depend on that.
            PolicyDecision twice = PolicyEngine.Decide(spec, FactsReader.Read(spec, ""), Host, [.. shuffled, .. policies], profiles);
            Assert.Equal(decision.Outcome, twice.Outcome);
            AssertSameBytes(spec, decision, twice);
        });

    [Fact]
    public void AuditChangesNothingAndRefusesNothing() => Gen.UInt.Sample(
        seed =>
        {
            var random = new System.Random((int)(seed >> 1));
            ContainerSpec spec = ContainerSpec.Parse(new SpecMaker(random).Spec());
            var maker = new PolicyMaker(random);
            Policy[] policies = [.. maker.Some().Select(static policy => policy with { Mode = PolicyMode.Audit })];
            if (Decide(spec, policies, maker.Profiles) is { } decision)
            {
                Assert.Equal(0, decision.Edits.Count);
                Assert.Contains(decision.Outcome, (DecisionOutcome[])[DecisionOutcome.Allow, DecisionOutcome.Unmatched]);
                Assert.All(decision.Findings, static finding => Assert.Equal(FindingOutcome.Audit, finding.Outcome));
            }
        },
        iter: 3_000);

    private static HostFacts Host { get; } = new(Fixture("Y\n"), Fixture("ours (enforce)\nother (complain)\n"));

    private static void ForRandomCases(int iter, Action<ContainerSpec, PolicyDecision, Policy[], Given.Profiles, System.Random> check) => Gen.UInt.Sample(
        seed =>
        {
            var random = new System.Random((int)(seed >> 1));
            ContainerSpec spec = ContainerSpec.Parse(new SpecMaker(random).Spec());
            var maker = new PolicyMaker(random);
            Policy[] policies = maker.Some();
            if (Decide(spec, policies, maker.Profiles) is { } decision && !IsUnstartable(spec, maker.Profiles))
            {
                check(spec, decision, policies, maker.Profiles, random);
            }
        },
        iter: iter);

    private static PolicyDecision? Decide(ContainerSpec spec, Policy[] policies, Given.Profiles profiles)
        => PolicyEngine.Decide(spec, FactsReader.Read(spec, ""), Host, policies, profiles);

    // libseccomp refuses two actions for one condition: such a profile starts no container, so nothing can be said of it.
    private static bool IsUnstartable(ContainerSpec spec, Given.Profiles profiles)
        => (HasFilter(spec) && SeccompModel.Parse(spec.RawMemory(SpecPath.Seccomp)).IsContradictory)
            || ((string[])["0", "1", "2", "scoped"]).Any(name => SeccompModel.Parse(profiles.Read(new SeccompDemand("", $"seccomp/{name}", 0))).IsContradictory);

    private static SeccompModel Demanded(Given.Profiles profiles, SeccompDemand demand, CapabilitySet held)
        => demand.ByCapability is { } other && held.Intersect(other.Capabilities) is { Count: > 0 } counts
            ? SeccompModel.Parse(SeccompWriter.Write(SeccompProfile.ParseFor(profiles.Read(demand with { File = other.File }).Span, "", counts)))
            : SeccompModel.Parse(profiles.Read(demand));

    private static bool HasFilter(ContainerSpec spec) => spec.Has(SpecPath.Seccomp) && spec.Raw(SpecPath.Seccomp).Length > 4;

    private static void AssertSeccomp(ContainerSpec spec, ContainerSpec hardened, System.Random random)
    {
        if (HasFilter(spec))
        {
            Assert.True(HasFilter(hardened));
            Calls.AssertNeverWeaker(
                SeccompModel.Parse(hardened.RawMemory(SpecPath.Seccomp)), SeccompModel.Parse(spec.RawMemory(SpecPath.Seccomp)), random,
                static () => "the engine's profile");
        }
    }

    private static void AssertLimits(Rlimit[] before, Rlimit[] after)
    {
        Assert.True(after.Length >= before.Length);
        foreach ((Rlimit old, Rlimit own) in before.Zip(after))
        {
            Assert.Equal(old.Type, own.Type);
            Assert.True(own.Soft <= old.Soft && own.Hard <= old.Hard, $"{old} became {own}");
        }
    }

    private static void AssertSameBytes(ContainerSpec spec, PolicyDecision a, PolicyDecision b)
        => Assert.Equal(Encoding.UTF8.GetString(SpecEditor.Apply(spec, a.Edits).Bytes), Encoding.UTF8.GetString(SpecEditor.Apply(spec, b.Edits).Bytes));

    private static string Fixture(string text)
    {
        string path = Path.Combine(AppContext.BaseDirectory, $"host-{text.Length}.txt");
        File.WriteAllText(path, text);
        return path;
    }
}
