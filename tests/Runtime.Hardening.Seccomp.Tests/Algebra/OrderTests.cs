using System.Text;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Seccomp.Tests.Algebra;

public sealed class OrderTests
{
    [Theory]
    [InlineData("", "{'names':['mount'],'action':'SCMP_ACT_ALLOW'}", TightnessAnswer.Yes)]
    [InlineData("{'names':['mount'],'action':'SCMP_ACT_ALLOW'}", "", TightnessAnswer.No)]
    [InlineData("{'names':['mount'],'action':'SCMP_ACT_LOG'}", "{'names':['mount'],'action':'SCMP_ACT_ALLOW'}", TightnessAnswer.Yes)]
    [InlineData("{'names':['mount'],'action':'SCMP_ACT_ERRNO','errnoRet':38}", "", TightnessAnswer.Yes)]
    [InlineData("{'names':['mount'],'action':'SCMP_ACT_ERRNO','errnoRet':13}", "", TightnessAnswer.No)]
    [InlineData("{'names':['no_such_call'],'action':'SCMP_ACT_ALLOW'}", "", TightnessAnswer.Yes)]
    [InlineData("{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':2,'op':'SCMP_CMP_EQ'}]}", "{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':40,'op':'SCMP_CMP_NE'}]}", TightnessAnswer.Yes)]
    [InlineData("{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':40,'op':'SCMP_CMP_NE'}]}", "{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':2,'op':'SCMP_CMP_EQ'}]}", TightnessAnswer.No)]
    [InlineData("{'names':['clone'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':3,'op':'SCMP_CMP_MASKED_EQ'}]}", "{'names':['clone'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':1,'op':'SCMP_CMP_MASKED_EQ'}]}", TightnessAnswer.Yes)]
    [InlineData("{'names':['clone'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':1,'op':'SCMP_CMP_MASKED_EQ'}]}", "{'names':['clone'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':3,'op':'SCMP_CMP_MASKED_EQ'}]}", TightnessAnswer.No)]
    public void ItSaysWhetherAProfileIsTighter(string a, string b, TightnessAnswer expected)
    {
        Tightness answer = SeccompOrder.IsTighter(Profile(a), Profile(b));
        Assert.Equal(expected, answer.Answer);
        Assert.Equal(expected == TightnessAnswer.No, answer.Witness is not null);
    }

    [Fact]
    public void AWitnessNamesTheCallAndItsArguments()
    {
        SeccompWitness witness = SeccompOrder.IsTighter(
            Profile("{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':40,'op':'SCMP_CMP_NE'}]}"),
            Profile("{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':41,'op':'SCMP_CMP_NE'}]}")).Witness!;
        Assert.Equal(("socket", 41u, 41ul), (witness.Name, witness.Number, witness.Arguments[0]));
        Assert.Equal("socket(0x29, 0x0, 0x0, 0x0, 0x0, 0x0) on SCMP_ARCH_X86_64 gives ALLOW against ERRNO(1)", witness.ToString());
    }

    [Fact]
    public void OneMoreArchitectureIsLooserAndItsWitnessIsThere()
    {
        SeccompProfile narrow = Profile("{'names':['read'],'action':'SCMP_ACT_ALLOW'}");
        SeccompProfile wide = SeccompProfile.Parse("""{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86"],"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}"""u8, "wide");
        Assert.Equal("SCMP_ARCH_X86", SeccompOrder.IsTighter(wide, narrow, Native).Witness!.Architecture.Name);
        Assert.Equal(TightnessAnswer.Yes, SeccompOrder.IsTighter(narrow, wide, Native).Answer);
    }

    [Fact]
    public void OverlappingRulesOfWhichLibseccompPicksOneAreNotProven()
    {
        SeccompProfile overlapping = Profile(
            "{'names':['personality'],'action':'SCMP_ACT_LOG','args':[{'index':0,'value':1,'op':'SCMP_CMP_GE'}]},{'names':['personality'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'value':8,'op':'SCMP_CMP_EQ'}]}");
        Tightness answer = SeccompOrder.IsTighter(overlapping, Profile("{'names':['personality'],'action':'SCMP_ACT_LOG'}"));
        Assert.Equal(TightnessAnswer.CannotProve, answer.Answer);
        Assert.Contains("libseccomp", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void RuncsStubTurnsAKillBeyondTheLargestNameIntoAnError()
    {
        SeccompProfile less = Kill("'read','write'"), more = Kill("'read','write','statx'");
        Assert.Equal(TightnessAnswer.Yes, SeccompOrder.IsTighter(less, more, SeccompRuntime.Crun, Native).Answer);
        SeccompWitness witness = SeccompOrder.IsTighter(less, more, SeccompRuntime.Runc, Native).Witness!;
        Assert.Equal((new SeccompResult(SeccompAction.Errno, 38), SeccompAction.KillProcess), (witness.Left, witness.Right.Action));
    }

    private static SeccompArchitecture Native => SyscallTable.Architectures[0];

    private static SeccompProfile Profile(string rules)
        => SeccompProfile.Parse(Encoding.UTF8.GetBytes($$"""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{{rules.Replace('\'', '"')}}]}"""), "a profile");

    private static SeccompProfile Kill(string names)
        => SeccompProfile.Parse(Encoding.UTF8.GetBytes($$"""{"defaultAction":"SCMP_ACT_KILL_PROCESS","syscalls":[{"names":[{{names.Replace('\'', '"')}}],"action":"SCMP_ACT_ALLOW"}]}"""), "a profile");
}
