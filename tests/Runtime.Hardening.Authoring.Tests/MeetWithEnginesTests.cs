using System.Text;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Tests;

public class MeetWithEnginesTests
{
    // How Docker and containerd write their own exceptions: socket without AF_VSOCK, clone without namespaces, five personalities.
    private const string Engine = """
        {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"],"syscalls":[
          {"names":["read","write"],"action":"SCMP_ACT_ALLOW"},
          {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":40,"op":"SCMP_CMP_NE"}]},
          {"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2114060288,"op":"SCMP_CMP_MASKED_EQ"}]}]}
        """;

    [Theory]
    [InlineData("runtime-default")]
    [InlineData("restricted")]
    [InlineData("web")]
    [InlineData("worker")]
    [InlineData("jvm")]
    [InlineData("node")]
    public void AContainerKeepsOrdinarySocketsAndThreadsUnderAnEnginesOwnProfile(string name)
    {
        SeccompProfile meet = SeccompMeet.Of(
            SeccompProfile.Parse(Encoding.UTF8.GetBytes(Engine), "engine"),
            SeccompProfile.ParseFor(File.ReadAllBytes(Repository.Folders.FindSeccomp(name)!), name, CapabilitySet.None));
        foreach (string call in new[] { "socket", "clone" })
        {
            Assert.Contains(meet[call].Conditional, rule => rule.Result.Action == SeccompAction.Allow);
        }
    }
}
