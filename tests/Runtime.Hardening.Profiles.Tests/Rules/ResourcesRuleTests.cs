using System.Text;
using CsCheck;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Spec;
using Runtime.Hardening.Profiles.Tests.Inputs;

namespace Runtime.Hardening.Profiles.Tests.Rules;

/// <summary>resources at create and in updates, as before and after.</summary>
public sealed class ResourcesRuleTests
{
    private static readonly ResourceBounds s_pids = new(512, null, null), s_memory = new(null, 1000, null), s_cpu = new(null, null, 1500);

    [Theory]
    [InlineData("""{}""", """{"resources":{"pids":{"limit":512}}}""")]
    [InlineData("""{"resources":null}""", """{"resources":{"pids":{"limit":512}}}""")]
    [InlineData("""{"resources":{ }}""", """{"resources":{"pids":{"limit":512} }}""")]
    [InlineData("""{"resources":{"pids":null,"a":1}}""", """{"resources":{"pids":{"limit":512},"a":1}}""")]
    [InlineData("""{"resources":{"pids":{"limit":0}}}""", """{"resources":{"pids":{"limit":512}}}""")]
    [InlineData("""{"resources":{"pids":{"limit":-1}}}""", """{"resources":{"pids":{"limit":512}}}""")]
    [InlineData("""{"resources":{"pids":{"limit":513}}}""", """{"resources":{"pids":{"limit":512}}}""")]
    [InlineData("""{"resources":{"pids":{"limit":512 }}}""", """{"resources":{"pids":{"limit":512 }}}""")]
    [InlineData("""{"resources":{"unified":{"pids.max":"max"}}}""", """{"resources":{"pids":{"limit":512},"unified":{"pids.max":"512"}}}""")]
    [InlineData("""{"resources":{"unified":{"pids.max":"40"}}}""", """{"resources":{"pids":{"limit":40},"unified":{"pids.max":"40"}}}""")]
    [InlineData("""{"resources":{"pids":{"limit":5},"unified":{"pids.max":" 513\n"}}}""", """{"resources":{"pids":{"limit":5},"unified":{"pids.max":"512"}}}""")]
    public void PidsAreBounded(string before, string after) => AssertHardened(before, after, s_pids);

    [Theory]
    [InlineData("""{}""", """{"resources":{"memory":{"limit":1000}}}""")]
    [InlineData("""{"resources":{"memory":{"swap":-1}}}""", """{"resources":{"memory":{"limit":1000,"swap":-1}}}""")]
    [InlineData("""{"resources":{"memory":{"limit":1000,"swap":5000}}}""", """{"resources":{"memory":{"limit":1000,"swap":5000}}}""")]
    [InlineData("""{"resources":{"memory":{"limit":3000,"swap":3500}}}""", """{"resources":{"memory":{"limit":1000,"swap":1500}}}""")]
    [InlineData("""{"resources":{"memory":{"limit":3000,"swap":3000}}}""", """{"resources":{"memory":{"limit":1000,"swap":1000}}}""")]
    [InlineData("""{"resources":{"memory":{"limit":3000,"swap":-1}}}""", """{"resources":{"memory":{"limit":1000,"swap":-1}}}""")]
    [InlineData("""{"resources":{"memory":{"limit":9223372036854775807,"swap":9223372036854775807}}}""", """{"resources":{"memory":{"limit":1000,"swap":1000}}}""")]
    [InlineData("""{"resources":{"memory":{"limit":-1,"swap":600}}}""", """{"resources":{"memory":{"limit":600,"swap":600}}}""")]
    [InlineData("""{"resources":{"memory":{"limit":3000,"swap":100}}}""", """{"resources":{"memory":{"limit":1000,"swap":1}}}""")]
    [InlineData("""{"resources":{"memory":{"limit":9},"unified":{"memory.max":"1K"}}}""", """{"resources":{"memory":{"limit":9},"unified":{"memory.max":"1000"}}}""")]
    public void MemoryIsBoundedAndSwapFollowsIt(string before, string after) => AssertHardened(before, after, s_memory);

    [Theory]
    [InlineData("""{}""", """{"resources":{"cpu":{"quota":150000,"period":100000}}}""")]
    [InlineData("""{"resources":{"cpu":{"quota":-1}}}""", """{"resources":{"cpu":{"period":100000,"quota":150000}}}""")]
    [InlineData("""{"resources":{"cpu":{"quota":150000}}}""", """{"resources":{"cpu":{"quota":150000}}}""")]
    [InlineData("""{"resources":{"cpu":{"quota":150001}}}""", """{"resources":{"cpu":{"period":100000,"quota":150000}}}""")]
    [InlineData("""{"resources":{"cpu":{"quota":15000,"period":10000}}}""", """{"resources":{"cpu":{"quota":15000,"period":10000}}}""")]
    [InlineData("""{"resources":{"cpu":{"quota":15001,"period":10000}}}""", """{"resources":{"cpu":{"quota":15000,"period":10000}}}""")]
    [InlineData("""{"resources":{"cpu":{"quota":0,"period":33333}}}""", """{"resources":{"cpu":{"quota":49999,"period":33333}}}""")]
    [InlineData("""{"resources":{"cpu":{"quota":9223372036854775807,"period":18446744073709551615}}}""", """{"resources":{"cpu":{"quota":9223372036854775807,"period":18446744073709551615}}}""")]
    [InlineData("""{"resources":{"cpu":{"quota":9223372036854775807,"period":1}}}""", """{"resources":{"cpu":{"quota":150000,"period":100000}}}""")]
    [InlineData("""{"resources":{"cpu":{"quota":400000,"burst":200000,"period":100000}}}""", """{"resources":{"cpu":{"quota":150000,"burst":150000,"period":100000}}}""")]
    [InlineData(
        """{"resources":{"cpu":{"quota":1000},"unified":{"cpu.max":"max 50000","cpu.max.burst":"90000"}}}""",
        """{"resources":{"cpu":{"quota":1000},"unified":{"cpu.max":"75000 50000","cpu.max.burst":"75000"}}}""")]
    [InlineData(
        """{"resources":{"unified":{"cpu.max":"10000 50000"}}}""",
        """{"resources":{"cpu":{"quota":20000,"period":100000},"unified":{"cpu.max":"10000 50000"}}}""")]
    public void CpuTimeIsComparedAsAShare(string before, string after) => AssertHardened(before, after, s_cpu);

    [Theory]
    [InlineData("""{"pids":{"limit":0}}""", """{"pids":{"limit":0}}""")]
    [InlineData("""{"pids":{"limit":-1}}""", """{"pids":{"limit":512}}""")]
    [InlineData("""{"memory":{"limit":0,"swap":0},"cpu":{"shares":2,"quota":0,"period":0}}""", """{"memory":{"limit":0,"swap":0},"cpu":{"shares":2,"quota":0,"period":0}}""")]
    [InlineData("""{"memory":{"limit":-1}}""", """{"memory":{"limit":1000}}""")]
    [InlineData("""{"memory":{"swap":9000}}""", """{"memory":{"swap":9000}}""")]
    [InlineData("""{"memory":{"limit":2000,"swap":9000}}""", """{"memory":{"limit":1000,"swap":8000}}""")]
    [InlineData("""{"cpu":{"quota":-1,"period":50000}}""", """{"cpu":{"quota":75000,"period":50000}}""")]
    [InlineData("""{"cpu":{"quota":-1}}""", """{"cpu":{"period":100000,"quota":150000}}""")]
    [InlineData("""{"cpu":{"cpus":"0"},"x":[1e2]}""", """{"cpu":{"cpus":"0"},"x":[1e2]}""")]
    [InlineData("""{"unified":{"pids.max":"max","memory.max":"max","cpu.max":"max 100000"}}""", """{"unified":{"pids.max":"512","memory.max":"1000","cpu.max":"150000 100000"}}""")]
    public void AnUpdateKeepsWhatItDoesNotMentionAndLiftsNothing(string before, string after)
        => Assert.Equal(after, Encoding.UTF8.GetString(Update(before, new ResourceBounds(512, 1000, 1500))));

    [Theory]
    [InlineData("""{"cpu":{"quota":5000}}""", "give both")]
    [InlineData("""{"cpu":{"period":5000}}""", "give both")]
    [InlineData("""{"cpu":{"quota":0}}""", "give both")]
    [InlineData("""{"cpu":{"quota":0,"period":1000}}""", "give both")]
    [InlineData("""{"unified":{"cpu.max":"5000"}}""", "write both numbers")]
    [InlineData("""{"unified":{"pids.max":"0x10"}}""", "plain number")]
    [InlineData("""{"unified":{"pids.max":"010"}}""", "plain number")]
    [InlineData("""{"unified":{"pids.max":"1K"}}""", "plain number")]
    [InlineData("""{"unified":{"cpu.max":"5000 0"}}""", "must be 'max' or a quota")]
    [InlineData("""{"pids":{"limit":1e3}}""", "whole number")]
    [InlineData("""{"pids":{"limit":1},"Pids":{"limit":-1}}""", "second spelling")]
    [InlineData("""{"pids":{"limit":1,"limit":-1}}""", "twice")]
    [InlineData("""null""", "must be a JSON object")]
    public void AnUpdateThatRuntimesReadDifferentlyIsRefused(string json, string word)
        => Assert.Contains(word, Assert.Throws<SpecFormatException>(() => Update(json, new ResourceBounds(512, 1000, 1500))).Message, StringComparison.Ordinal);

    [Fact]
    public void OfAllPoliciesTheTightestBoundsWinAndTheRecordGetsThem()
    {
        PolicyDecision decision = Given.Decide(
            """{"linux":{}}""", Bounding("a", new(9, 5000, null)), Bounding("b", new(5, null, 250)), new Policy { Name = "c" });
        Assert.Equal(new ResourceBounds(5, 5000, 250), decision.Resources);
        Assert.Equal(
            """{"linux":{"resources":{"cpu":{"quota":25000,"period":100000},"memory":{"limit":5000},"pids":{"limit":5}}}}""",
            Given.Apply("""{"linux":{}}"""u8.ToArray(), decision));
        Assert.All(decision.Edits.Edits, static edit => Assert.Equal("a, b", edit.Policies));
    }

    [Fact]
    public void OnlyEnforcedPoliciesBound()
        => Assert.Null(Given.Decide("""{"linux":{}}""", Bounding("a", s_pids) with { Mode = PolicyMode.Audit }, new Policy { Name = "b" }).Resources);

    [Theory]
    [InlineData("{}", "no linux section")]
    [InlineData("""{"linux":{"resources":{"unified":{"pids.max":"many"}}}}""", "'many'")]
    public void WhereNothingCanBeBoundedThePolicyIsNotApplied(string spec, string word)
    {
        Assert.Contains(word, Given.Decide(spec, Bounding("a", s_pids)).Message, StringComparison.Ordinal);
        Assert.Equal(DecisionOutcome.PassThrough, Given.Decide(spec, Bounding("a", s_pids) with { OnError = OnError.PassThrough }).Outcome);
    }

    [Fact]
    public void AHeldUpdateIsNeverWeakerThanTheUpdateAndHoldingItTwiceChangesNothing() => Gen.UInt.Sample(
        static seed =>
        {
            var random = new System.Random((int)(seed >> 1));
            ContainerSpec given = ContainerSpec.ParseResources(Encoding.UTF8.GetBytes(new SpecMaker(random).Resources()));
            var bounds = new ResourceBounds((ulong)random.Next(1, 900), (ulong)random.Next(1, 900), (ulong)random.Next(10, 4000));
            try
            {
                (byte[] bytes, AppliedEdit[] applied) = SpecEditor.Apply(given, ResourceHardening.AtUpdate(given, bounds, "p"));
                ContainerSpec held = ContainerSpec.ParseResources(bytes);
                Assert.Equal(given.Bytes.ToArray(), SpecEditor.Revert(bytes, applied));
                ResourceModel.AssertNeverWeaker(given, held);
                Assert.Equal(0, ResourceHardening.AtUpdate(held, bounds, "p").Count);
                AssertLiftsNothing(held, bounds);
            }
            catch (SpecFormatException)
            {
                return;   // refused: nothing is lifted
            }
        },
        iter: 20_000);

    // What an update leaves alone was held before; what it sets must be within the bounds.
    private static void AssertLiftsNothing(ContainerSpec held, ResourceBounds bounds)
    {
        Assert.InRange(held.SignedNumber(SpecPath.PidsLimit) ?? 0, 0, (long)bounds.PidsMax!);
        Assert.InRange(held.SignedNumber(SpecPath.MemoryLimit) ?? 0, 0, (long)bounds.MemoryMax!);
        long quota = held.SignedNumber(SpecPath.CpuQuota) ?? 0;
        ulong period = held.Number(SpecPath.CpuPeriod) ?? 0;
        Assert.True((quota == 0 && period == 0) || (quota > 0 && period > 0 && (UInt128)quota * 1000 <= (UInt128)period * bounds.CpuMaxMilli!), $"{quota}/{period}");
        ResourceModel files = ResourceModel.OfV2(held);
        Assert.True(!held.Has(SpecPath.UnifiedPidsMax) || files.Pids <= bounds.PidsMax);
        Assert.True(!held.Has(SpecPath.UnifiedMemoryMax) || files.Memory <= bounds.MemoryMax);
        Assert.True(!held.Has(SpecPath.UnifiedCpuMax) || files.Cpu!.Value.Quota * 1000 <= files.Cpu.Value.Period * bounds.CpuMaxMilli);
    }

    private static byte[] Update(string json, ResourceBounds bounds)
    {
        ContainerSpec given = ContainerSpec.ParseResources(Encoding.UTF8.GetBytes(json));
        return SpecEditor.Apply(given, ResourceHardening.AtUpdate(given, bounds, "p")).Bytes;
    }

    private static void AssertHardened(string before, string after, ResourceBounds bounds)
        => Assert.Equal($"{{\"linux\":{after}}}", Given.Harden($"{{\"linux\":{before}}}", Bounding("p", bounds)));

    private static Policy Bounding(string name, ResourceBounds bounds) => new() { Name = name, Resources = bounds };
}
