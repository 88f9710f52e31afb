using System.Text.Json;
using CsCheck;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Seccomp.Tests.Inputs;
using Runtime.Hardening.Seccomp.Tests.Native;

namespace Runtime.Hardening.Seccomp.Tests.Proof;

/// <summary>The model against the BPF that the system's libseccomp generates. Pairs of random profiles are in RelationTests.</summary>
public sealed class ModelTests
{
    private readonly Counts _counts = new();

    [Fact]
    public void TheModelDoesWhatTheFilterDoesOnANodeOfEachArchitecture()
    {
        ProfileGen.Small.Sample(
            text =>
            {
                foreach (SeccompArchitecture native in SyscallTable.Architectures.Where(static architecture => architecture.NumberBit == 0 && architecture.Name != "SCMP_ARCH_X86_64"))
                {
                    Check((text with { Architectures = [native.Name] }).ToString(), native, binaryTree: false);
                }
            },
            iter: Proofs.Pairs / 20, threads: 2);
        _counts.Print("nodes of seven architectures");
    }

    [Fact]
    public void TheModelDoesWhatTheBinaryTreeDoesThatRuncAsksForAboveThirtyTwoNames()
    {
        ProfileGen.Large.Sample(text => Check(text.ToString(), SyscallTable.Architectures[0], binaryTree: true), iter: Proofs.LargePairs / 4, threads: 2);
        _counts.Print("binary trees");
    }

    [Fact]
    public void ValuesInRulesOfAnyLengthAreComparedAsWrittenWhereNoOtherCallComparesAny()
    {
        ProfileGen.Values.Sample(text => Check(text.ToString(), SyscallTable.Architectures[0], binaryTree: text.Rules.Length % 2 == 0), iter: Proofs.Pairs / 5, threads: 2);
        _counts.Print("lists of values");
        SeccompModel web = SeccompModel.Of(SeccompProfile.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "profiles/seccomp/web.json")), "web"), SeccompRuntime.Crun);
        Assert.Equal((true, SeccompAction.Errno), (web.Evaluate(SyscallTable.Architectures[0], 41, [16, 3, 12, 0, 0, 0]).IsCertain, web.Evaluate(SyscallTable.Architectures[0], 41, [16, 3, 12, 0, 0, 0]).Result.Action));
    }

    [Fact]
    public void ValuesInLongRulesCannotBeReliedOnWhereAnotherCallComparesThem()
    {
        // The one rule that allows family 10 asks for protocol 1 too, and the filter lets it pass with any: it shares comparisons with the other calls.
        const string profile = """
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[
             {"names":["openat"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2,"op":"SCMP_CMP_EQ"}]},
             {"names":["mknodat"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":10,"op":"SCMP_CMP_EQ"}]},
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":10,"op":"SCMP_CMP_EQ"},{"index":1,"value":1,"op":"SCMP_CMP_EQ"}]},
             {"names":["openat"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":0,"op":"SCMP_CMP_EQ"}]},
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":0,"op":"SCMP_CMP_EQ"}]},
             {"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":1,"op":"SCMP_CMP_EQ"}]},
             {"names":["openat"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":0,"op":"SCMP_CMP_EQ"}]},
             {"names":["write"],"action":"SCMP_ACT_ALLOW"}]}
            """;
        Prover prover = Prover.Of(profile, SyscallTable.Architectures[0], binaryTree: false)!;
        ulong[] arguments = [10, 0, 0, 0, 0, 0];
        Assert.Equal(SeccompAction.Allow, prover.Filter.Run(0xC000003E, 41, arguments).Action);
        Assert.False(prover.Model.Evaluate(SyscallTable.Architectures[0], 41, arguments).IsCertain);
    }

    [Fact]
    public void TheModelDoesWhatTheFilterOfEveryShippedAndCapturedProfileDoes()
    {
        string root = Repository.Root;
        using JsonDocument spec = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, "tests/Fixtures/bundles/containerd-1.6-seccomp/config.json")));
        string[] profiles =
        [
            spec.RootElement.GetProperty("linux").GetProperty("seccomp").GetRawText(),
            .. Directory.GetFiles(Path.Combine(root, "profiles/seccomp"), "*.json").Select(File.ReadAllText),
        ];
        foreach (string profile in profiles)
        {
            Check(KnownNames.Only(profile), SyscallTable.Architectures[0], binaryTree: false);
        }

        Assert.Equal(profiles.Length, _counts.Profiles);
        _counts.Print("shipped and captured profiles");
    }

    [Fact]
    public void LibseccompDropsEveryRuleWhereTheFirstCallOfItsOrderIsAbsent()
    {
        const string profile = """
            {"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"],"syscalls":[
             {"names":["socketcall"],"action":"SCMP_ACT_ERRNO"},{"names":["socket"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":38,"op":"SCMP_CMP_EQ"}]}]}
            """;
        Prover prover = Prover.Of(profile, SyscallTable.Architectures[0], binaryTree: false)!;
        Assert.Equal(SeccompAction.Allow, prover.Filter.Run(0xC000003E, 41, [38, 0, 0, 0, 0, 0]).Action);
        SeccompAnswer answer = prover.Model.Evaluate(SyscallTable.Architectures[0], 41, [38, 0, 0, 0, 0, 0]);
        Assert.Equal((SeccompOrigin.BlindFilter, SeccompAction.Allow), (answer.Origin, answer.Result.Action));
        Assert.Equal(SeccompAction.Errno, prover.Filter.Run(0x40000003, 102, [1, 0, 0, 0, 0, 0]).Action);
    }

    private void Check(string json, SeccompArchitecture native, bool binaryTree)
    {
        if (Prover.OfInput(json, native, binaryTree) is not { } prover)
        {
            Interlocked.Increment(ref _counts.Refused);
            return;
        }

        Interlocked.Increment(ref _counts.Profiles);
        Interlocked.Add(ref _counts.Calls, prover.AssertModelIsFilter(new CallSpace(new Random(json.Length), prover.Document.RootElement)));
    }
}
