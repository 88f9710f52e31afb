using System.Text;
using System.Text.Json;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Seccomp.Tests.Inputs;
using Runtime.Hardening.Seccomp.Tests.Native;

namespace Runtime.Hardening.Seccomp.Tests.Proof;

/// <summary>A profile in its three forms: the JSON, what the library made of it, and our model.</summary>
internal sealed class Prover
{
    private Prover(string json, JsonDocument document, SeccompProfile profile, RuntimeFilter filter, SeccompModel model, SeccompArchitecture native)
        => (Json, Document, Profile, Filter, Model, Native) = (json, document, profile, filter, model, native);

    public string Json { get; }

    public JsonDocument Document { get; }

    public SeccompProfile Profile { get; }

    public RuntimeFilter Filter { get; }

    public SeccompModel Model { get; }

    public SeccompArchitecture Native { get; }

    /// <summary>Null when libseccomp refuses the profile, or does not come to an end with it, which is noted.</summary>
    public static Prover? OfInput(string json, SeccompArchitecture native, bool binaryTree)
    {
        try
        {
            return Of(json, native, binaryTree);
        }
        catch (TimeoutException e)
        {
            Proofs.Note($"left out: {e.Message}: {json}");
            return null;
        }
    }

    /// <summary>Null when libseccomp refuses the profile.</summary>
    /// <param name="json">The profile.</param>
    /// <param name="native">The architecture of the node.</param>
    /// <param name="binaryTree">Whether the runtime asks for a tree where a profile has more than 32 names.</param>
    public static Prover? Of(string json, SeccompArchitecture native, bool binaryTree)
    {
        JsonDocument document = JsonDocument.Parse(json);
        binaryTree &= document.RootElement.GetProperty("syscalls").EnumerateArray().SelectMany(static rule => rule.GetProperty("names").EnumerateArray()).DistinctBy(static name => name.GetString()).Count() > 32;
        RuntimeFilter? filter = RuntimeFilter.Compile(document.RootElement, native, binaryTree);
        if (filter is null)
        {
            return null;
        }

        SeccompProfile profile = SeccompProfile.Parse(Encoding.UTF8.GetBytes(json), "a profile");
        return new Prover(json, document, profile, filter, SeccompModel.Of(profile, binaryTree ? SeccompRuntime.Runc : SeccompRuntime.Crun, native), native);
    }

    /// <summary>Fails where model and filter differ; gives the number of calls asked.</summary>
    public long AssertModelIsFilter(CallSpace space)
    {
        long asked = 0;
        foreach (SeccompArchitecture architecture in SyscallTable.Architectures.Where(architecture => architecture.IsBigEndian == Native.IsBigEndian))
        {
            bool isFor = Model.Architectures.Contains(architecture);
            foreach (uint number in isFor ? Cached.Numbers(architecture) : Cached.Numbers(architecture).AsSpan(0, 8))
            {
                if (isFor && space.IsNamed(SyscallTable.Name(architecture, (int)number)))
                {
                    foreach (ulong[] arguments in space.Arguments())
                    {
                        asked++;
                        AssertSame(architecture, number, arguments);
                    }
                }

                asked++;
                AssertSame(architecture, number, space.Anything());
            }
        }

        return asked;
    }

    private void AssertSame(SeccompArchitecture architecture, uint number, ulong[] arguments)
    {
        SeccompResult real = Filter.Run(architecture.AuditToken, number, arguments);
        SeccompAnswer answer = Model.Evaluate(architecture, number, arguments);
        if (answer.Origin == SeccompOrigin.EnosysStub)
        {
            return;   // runc's own, which is proven below the real runc
        }

        if (answer.IsCertain ? answer.Result != real : !answer.Possible.Contains(real))
        {
            Assert.Fail($"{SyscallTable.Name(architecture, (int)number)} ({number}) on {architecture} with ({string.Join(", ", arguments.Select(static a => $"0x{a:x}"))}): " +
                $"the filter gives {real}, the model {answer} by {answer.Origin} [{string.Join("; ", answer.Deciders)}], native {Native}. {Json}");
        }
    }

    internal static class Cached
    {
        private static readonly uint[][] s_numbers = [.. SyscallTable.Architectures.Select(CallSpace.Numbers)];

        public static uint[] Numbers(SeccompArchitecture architecture) => s_numbers[SyscallTable.Architectures.ToList().IndexOf(architecture)];
    }
}
