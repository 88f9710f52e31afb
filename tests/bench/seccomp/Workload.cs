using System.Text;
using System.Text.Json;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Bench;

/// <summary>Pairs of profiles: the real ones that meet on a node, and two of 400 calls each with conditions, of which 350 are in both.</summary>
public sealed class Workload
{
    /// <param name="repository">Where the shipped profiles and the captured specs are.</param>
    public Workload(string repository)
    {
        using JsonDocument spec = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(repository, "tests/Fixtures/bundles/containerd-1.6-seccomp/config.json")));
        EngineJson = Encoding.UTF8.GetBytes(spec.RootElement.GetProperty("linux").GetProperty("seccomp").GetRawText());
        RestrictedJson = File.ReadAllBytes(Path.Combine(repository, "profiles/seccomp/restricted.json"));
        Engine = SeccompProfile.Parse(EngineJson, "the engine's");
        Restricted = SeccompProfile.Parse(RestrictedJson, "restricted");
        string[] names = [.. SyscallTable.Names.Where(static name => SyscallTable.Number(SyscallTable.Architectures[0], name) is not null || SyscallTable.Number(SyscallTable.Architectures[1], name) is not null).Order(StringComparer.Ordinal)];
        A = Make(names[..400], SeccompResult.Enosys);
        B = Make([.. names[50..Math.Min(450, names.Length)]], new SeccompResult(SeccompAction.Errno, 1));
        Meet = SeccompMeet.Of(A, B);
    }

    /// <summary>What containerd gives, and what our strictest base asks.</summary>
    public byte[] EngineJson { get; }

    public byte[] RestrictedJson { get; }

    public SeccompProfile Engine { get; }

    public SeccompProfile Restricted { get; }

    public SeccompProfile A { get; }

    public SeccompProfile B { get; }

    /// <summary>Of A and B.</summary>
    public SeccompProfile Meet { get; }

    private static SeccompProfile Make(string[] names, SeccompResult fallback)
    {
        var profile = new SeccompProfile { Default = fallback, Architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"] };
        for (int i = 0; i < names.Length; i++)
        {
            for (ulong value = 0; value < (i % 40 == 0 ? 8ul : 1ul); value++)
            {
                profile.Add(names[i], SeccompResult.Allow, i % 40 == 0 ? [new SeccompCondition(0, "SCMP_CMP_EQ", value, 0)] : i % 41 == 0 ? [new SeccompCondition(1, "SCMP_CMP_MASKED_EQ", 0x7E020000, 0)] : []);
            }
        }

        return profile;
    }
}
