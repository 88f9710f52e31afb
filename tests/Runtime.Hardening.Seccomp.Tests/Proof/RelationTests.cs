using CsCheck;
using Runtime.Hardening.Seccomp.Tests.Inputs;

namespace Runtime.Hardening.Seccomp.Tests.Proof;

/// <summary>What must hold between two profiles, their meet, their union and the answers of isTighter, by the BPF of all four.</summary>
public sealed class RelationTests
{
    private readonly Counts _counts = new();
    private readonly Relations _relations;

    public RelationTests() => _relations = new Relations(_counts);

    [Fact]
    public void MeetUnionAndOrderHoldForSmallProfiles()
    {
        ProfileGen.Pair.Sample(pair => _relations.Check(pair.A.ToString(), pair.B.ToString(), binaryTree: false), iter: Proofs.Pairs, threads: 2);
        _counts.Print("small profiles");
        _counts.AssertIsMostlyProven();
        // Half of the filters are meets and unions.
        Assert.True(_counts.Profiles >= 2 * 20_000 || Proofs.Pairs < 10_900, $"only {_counts.Profiles / 2} profiles were proven");
    }

    [Fact]
    public void MeetUnionAndOrderHoldForCallsBehindAMultiplexer()
    {
        ProfileGen.Multiplexed.Sample(pair => _relations.Check(pair.A.ToString(), pair.B.ToString(), binaryTree: false), iter: Proofs.Pairs / 4, threads: 2);
        _counts.Print("profiles of multiplexed calls");
        _counts.AssertIsMostlyProven();
    }

    [Fact]
    public void MeetUnionAndOrderHoldForProfilesOfMoreThanThreeHundredNames()
    {
        Gen.Select(ProfileGen.Large, ProfileGen.Large).Sample(pair => _relations.Check(pair.Item1.ToString(), pair.Item2.ToString(), binaryTree: pair.Item1.Rules.Length % 2 == 0), iter: Proofs.LargePairs, threads: 2);
        _counts.Print("large profiles");
        _counts.AssertIsMostlyProven();
        Assert.True(_counts.Profiles >= 2 * 200 || Proofs.LargePairs < 260, $"only {_counts.Profiles / 2} profiles were proven");
    }
}
