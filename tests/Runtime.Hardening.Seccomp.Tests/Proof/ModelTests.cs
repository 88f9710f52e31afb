using CsCheck;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Seccomp.Tests.Inputs;

namespace Runtime.Hardening.Seccomp.Tests.Proof;

/// <summary>The model against the BPF that the system's libseccomp generates.</summary>
public sealed class ModelTests
{
    [Fact]
    public void TheModelDoesWhatTheFilterOfASmallProfileDoes()
    {
        long profiles = 0, refused = 0, calls = 0;
        ProfileGen.Small.Sample(
            text =>
            {
                string json = text.ToString();
                if (Prover.Of(json, SyscallTable.Architectures[0], binaryTree: false) is { } prover)
                {
                    Interlocked.Increment(ref profiles);
                    Interlocked.Add(ref calls, prover.AssertModelIsFilter(new CallSpace(new Random(json.Length), prover.Document.RootElement)));
                }
                else
                {
                    Interlocked.Increment(ref refused);
                }
            },
            iter: 3000, threads: 2);
        TestContext.Current.TestOutputHelper!.WriteLine($"{profiles} profiles, {refused} refused by libseccomp, {calls} calls");
    }
}
