using System.Text;
using CsCheck;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Seccomp.Tests.Inputs;

namespace Runtime.Hardening.Seccomp.Tests.Proof;

/// <summary>What must hold between two profiles, their meet, their union and the answers of isTighter, by the BPF of all four.</summary>
public sealed class RelationTests
{
    private readonly Counts _counts = new();

    [Fact]
    public void MeetUnionAndOrderHoldForSmallProfiles()
    {
        ProfileGen.Pair.Sample(pair => Check(pair.A.ToString(), pair.B.ToString()), iter: Proofs.Pairs, threads: 2);
        _counts.Print("small profiles");
        // Half of the filters are meets and unions.
        Assert.True(_counts.Profiles >= 2 * 20_000 || Proofs.Pairs < 10_900, $"only {_counts.Profiles / 2} profiles were proven");
    }

    [Fact]
    public void MeetUnionAndOrderHoldForCallsBehindAMultiplexer()
    {
        ProfileGen.Multiplexed.Sample(pair => Check(pair.A.ToString(), pair.B.ToString()), iter: Proofs.Pairs / 4, threads: 2);
        _counts.Print("profiles of multiplexed calls");
    }

    [Fact]
    public void MeetUnionAndOrderHoldForProfilesOfMoreThanThreeHundredNames()
    {
        Gen.Select(ProfileGen.Large, ProfileGen.Large).Sample(pair => Check(pair.Item1.ToString(), pair.Item2.ToString()), iter: Proofs.LargePairs, threads: 2);
        _counts.Print("large profiles");
        Assert.True(_counts.Profiles >= 2 * 200 || Proofs.LargePairs < 260, $"only {_counts.Profiles / 2} profiles were proven");
    }

    private void Check(string a, string b)
    {
        SeccompArchitecture native = SyscallTable.Architectures[0];
        if (Prover.OfInput(a, native, binaryTree: false) is not { } first || Prover.OfInput(b, native, binaryTree: false) is not { } second)
        {
            Interlocked.Increment(ref _counts.Refused);
            return;
        }

        var space = new CallSpace(new Random(a.Length + b.Length), first.Document.RootElement, second.Document.RootElement);
        Prover meet = Made(SeccompMeet.Of(first.Profile, second.Profile), native, "meet", a, b);
        Prover union = Made(SeccompUnion.Of(first.Profile, second.Profile), native, "union", a, b);
        foreach (Prover prover in (Prover[])[first, second, meet, union])
        {
            Interlocked.Increment(ref _counts.Profiles);
            Interlocked.Add(ref _counts.Calls, prover.AssertModelIsFilter(space));
        }

        Judge(first, second, space, mustHold: null);
        Judge(second, first, space, mustHold: null);
        Judge(meet, first, space, "a meet is tighter than the first");
        Judge(meet, second, space, "a meet is tighter than the second");
        Judge(first, union, space, "the first is tighter than a union");
        Judge(second, union, space, "the second is tighter than a union");
    }

    private static Prover Made(SeccompProfile profile, SeccompArchitecture native, string what, string a, string b)
    {
        string json = Encoding.UTF8.GetString(SeccompWriter.Write(profile));
        Prover? made;
        try
        {
            made = Prover.Of(json, native, binaryTree: false);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"{e.Message} of the {what} {json} of {a} and {b}", e);
        }

        Assert.True(made is not null, $"libseccomp refuses the {what} {json} of {a} and {b}");
        return made;
    }

    private void Judge(Prover left, Prover right, CallSpace space, string? mustHold)
    {
        Tightness answer = SeccompOrder.IsTighter(left.Profile, right.Profile, SeccompRuntime.Crun, left.Native);
        Interlocked.Increment(ref _counts.Answers[(int)answer.Answer]);
        string Describe() => $"isTighter says {answer}. {left.Json} AGAINST {right.Json}";
        if (answer.Witness is { } witness)
        {
            SeccompResult loose = left.Filter.Run(witness.Architecture.AuditToken, witness.Number, [.. witness.Arguments]);
            SeccompResult strict = right.Filter.Run(witness.Architecture.AuditToken, witness.Number, [.. witness.Arguments]);
            Assert.False(loose.IsAtLeast(strict), $"the witness is none: the filters give {loose} and {strict}. {Describe()}");
        }

        Assert.True(mustHold is null || answer.Answer != TightnessAnswer.No, $"{mustHold}, but {Describe()}");
        if (mustHold is null && answer.Answer != TightnessAnswer.Yes)
        {
            return;
        }

        // By the filters, whatever the answer was: a proof that is missing is no excuse for a meet.
        foreach ((SeccompArchitecture architecture, uint number, ulong[] arguments) in Calls(left, space))
        {
            SeccompResult tight = left.Filter.Run(architecture.AuditToken, number, arguments), loose = right.Filter.Run(architecture.AuditToken, number, arguments);
            bool killed = tight == new SeccompResult(SeccompAction.KillThread, 0) && !left.Model.Architectures.Any(known => known.AuditToken == architecture.AuditToken);
            if (answer.Answer == TightnessAnswer.CannotProve
                && !(left.Model.Evaluate(architecture, number, arguments).IsCertain && right.Model.Evaluate(architecture, number, arguments).IsCertain))
            {
                Interlocked.Increment(ref _counts.Skipped);
                continue;   // what libseccomp makes of such rules depends on what else is in the filter, and nobody can hold it to an order
            }

            Interlocked.Increment(ref _counts.Comparisons);
            if (!tight.IsAtLeast(loose) && !killed && left.Model.Evaluate(architecture, number, arguments).Origin != SeccompOrigin.BadArchitecture)
            {
                Assert.Fail($"{SyscallTable.Name(architecture, (int)number)} ({number}) on {architecture} with ({string.Join(", ", arguments.Select(static a => $"0x{a:x}"))}): " +
                    $"{tight} is looser than {loose}. {mustHold}; {Describe()}");
            }
        }
    }

    private static IEnumerable<(SeccompArchitecture Architecture, uint Number, ulong[] Arguments)> Calls(Prover left, CallSpace space)
    {
        foreach (SeccompArchitecture architecture in left.Model.Architectures)
        {
            foreach (uint number in Prover.Cached.Numbers(architecture))
            {
                yield return (architecture, number, space.Anything());
                if (space.IsNamed(SyscallTable.Name(architecture, (int)number)))
                {
                    foreach (ulong[] arguments in space.Arguments())
                    {
                        yield return (architecture, number, arguments);
                    }
                }
            }
        }
    }
}
