using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Seccomp.Checks;

namespace Runtime.Hardening.Authoring.Seccomp.Docker;

/// <summary>Writes an OCI profile in Docker's format: for every container, and for the machines that its architectures are for.</summary>
internal static class DockerFormat
{
    // The families that the format's own default names. In any other order or company a list stays a list, which Docker reads too.
    private static readonly string[][] s_families =
    [
        ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"], ["SCMP_ARCH_S390X", "SCMP_ARCH_S390"],
        ["SCMP_ARCH_RISCV64"], ["SCMP_ARCH_PPC64LE"], ["SCMP_ARCH_LOONGARCH64"],
    ];

    public static JObject Of(ProfileDocument profile)
    {
        JObject docker = [];
        foreach (JProperty member in profile.Json.Properties())
        {
            if (member.Name == "architectures" && s_families.Any(f => profile.Architectures.Count > 0 && profile.Architectures[0] == f[0] && profile.Architectures.Distinct().All(f.Contains)))
            {
                docker.Add("archMap", new JArray(new JObject(
                    new JProperty("architecture", profile.Architectures[0]), new JProperty("subArchitectures", new JArray(profile.Architectures.Skip(1))))));
            }
            else if (member.Name != ProfileWords.Remarks)
            {
                docker.Add(member.DeepClone());
            }
        }

        return docker;
    }
}
