using System.Text;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Seccomp.Tests.Inputs;

namespace Runtime.Hardening.Seccomp.Tests.Proof;

/// <summary>Holds meet, union and isTighter to what they promise, by the filters that libseccomp makes of the profiles.</summary>
internal sealed class Relations(Counts counts)
{
    /// <summary>Makes meet and union of two profiles and compares all four, as filters, in everything that must hold between them.</summary>
    /// <param name="a">One profile.</param>
    /// <param name="b">The other.</param>
    /// <param name="binaryTree">Whether the filters are the trees that runc asks for.</param>
    /// <param name="real">For profiles of real nodes: calls to ask about beside those that their constants suggest, and no rule of theirs is too doubtful to be compared.</param>
    public void Check(string a, string b, bool binaryTree, (string Name, ulong[] Arguments)[]? real = null)
    {
        SeccompArchitecture native = SyscallTable.Architectures[0];
        if (Prover.OfInput(a, native, binaryTree) is not { } first || Prover.OfInput(b, native, binaryTree) is not { } second)
        {
            Interlocked.Increment(ref counts.Refused);
            return;
        }

        var space = new CallSpace(new Random(a.Length + b.Length), first.Document.RootElement, second.Document.RootElement);
        Prover meet = Made(SeccompMeet.Of(first.Profile, second.Profile), native, "meet", a, b, binaryTree);
        Prover union = Made(SeccompUnion.Of(first.Profile, second.Profile), native, "union", a, b, binaryTree);
        foreach (Prover prover in (Prover[])[first, second, meet, union])
        {
            Interlocked.Increment(ref counts.Profiles);
            Interlocked.Add(ref counts.Calls, prover.AssertModelIsFilter(space));
        }

        IEnumerable<(SeccompArchitecture, uint, ulong[])> Asked(Prover of) => [.. Calls(of, space), .. Named(of, real ?? [])];
        if (!binaryTree)
        {
            // Of trees isTighter speaks with runc's stub, which is not in these filters.
            Judge(first, second, Asked(first));
            Judge(second, first, Asked(second));
        }

        Judge(meet, first, Asked(meet), "a meet is tighter than the first", real is null ? first : null);
        Judge(meet, second, Asked(meet), "a meet is tighter than the second", real is null ? second : null);
        Judge(first, union, Asked(first), "the first is tighter than a union", real is null ? first : null);
        Judge(second, union, Asked(second), "the second is tighter than a union", real is null ? second : null);
    }

    private static Prover Made(SeccompProfile profile, SeccompArchitecture native, string what, string a, string b, bool binaryTree)
    {
        string json = Encoding.UTF8.GetString(SeccompWriter.Write(profile));
        Prover? made;
        try
        {
            made = Prover.Of(json, native, binaryTree);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"{e.Message} of the {what} {json} of {a} and {b}", e);
        }

        Assert.True(made is not null, $"libseccomp refuses the {what} {json} of {a} and {b}");
        return made;
    }

    private void Judge(Prover left, Prover right, IEnumerable<(SeccompArchitecture, uint, ulong[])> calls, string? mustHold = null, Prover? doubtful = null)
    {
        Tightness answer = SeccompOrder.IsTighter(left.Profile, right.Profile, SeccompRuntime.Crun, left.Native);
        Interlocked.Increment(ref counts.Answers[(int)answer.Answer]);
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
        foreach ((SeccompArchitecture architecture, uint number, ulong[] arguments) in calls)
        {
            SeccompResult tight = left.Filter.Run(architecture.AuditToken, number, arguments), loose = right.Filter.Run(architecture.AuditToken, number, arguments);
            bool killed = tight == new SeccompResult(SeccompAction.KillThread, 0) && !left.Model.Architectures.Any(known => known.AuditToken == architecture.AuditToken);
            if (answer.Answer == TightnessAnswer.CannotProve && doubtful?.Model.Evaluate(architecture, number, arguments).IsCertain == false)
            {
                Interlocked.Increment(ref counts.Skipped);
                continue;   // what libseccomp makes of rules that were given depends on what else is in the filter; what is made here has no such excuse
            }

            Interlocked.Increment(ref counts.Comparisons);
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

    private static IEnumerable<(SeccompArchitecture, uint, ulong[])> Named(Prover left, (string Name, ulong[] Arguments)[] more)
        => left.Model.Architectures.SelectMany(architecture => more.Where(call => SyscallTable.Number(architecture, call.Name) is not null)
            .Select(call => (architecture, (uint)SyscallTable.Number(architecture, call.Name)!.Value, call.Arguments)));
}
