using System.Text;
using System.Text.Json;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Tests;

/// <summary>Whether an ordinary program still has its sockets where an engine's profile meets one of ours, by the model of what libseccomp makes of the meet.</summary>
public class SocketsUnderEnginesTests
{
    private const string Installed = "/usr/share/containers/seccomp.json";

    // What Podman's and Docker's defaults do about audit messages without CAP_AUDIT_WRITE: three rules, of which one denies.
    private const string NoAudit = """
        {"names":["socket"],"action":"SCMP_ACT_ERRNO","errnoRet":22,"args":[{"index":0,"value":16,"op":"SCMP_CMP_EQ"},{"index":2,"value":9,"op":"SCMP_CMP_EQ"}]},
        {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":2,"value":9,"op":"SCMP_CMP_NE"}]},
        {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":16,"op":"SCMP_CMP_NE"}]},
        {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":2,"value":9,"op":"SCMP_CMP_NE"}]}
        """;

    // Two ways to take families 38 and 40 away.
    private const string Ranges = """
        {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":38,"op":"SCMP_CMP_LT"}]},
        {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":39,"op":"SCMP_CMP_EQ"}]},
        {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":40,"op":"SCMP_CMP_GT"}]}
        """;

    private const string Denials = """
        {"names":["socket"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":38,"op":"SCMP_CMP_EQ"}]},
        {"names":["socket"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":40,"op":"SCMP_CMP_EQ"}]}
        """;

    private static readonly string[] s_shipped = ["runtime-default", "restricted", "web", "worker", "jvm", "node", "audit-all"];

    // As a list, because "every family but 40" has 40 with bit 32 beside it.
    private static string AllFamiliesBut40 => string.Join(
        ',', Enumerable.Range(0, 47).Where(static family => family != 40).Select(static family => $$"""{"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":{{family}},"op":"SCMP_CMP_EQ"}]}"""));

    public static TheoryData<string, string, bool> DefaultsAndProfiles()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (string profile in s_shipped)
        {
            // A list of families beside "16, but no audit messages" is nothing that libseccomp keeps apart beside calls that compare too: the one family goes. Profiles that allow
            // protocol 0 alone, or every family but one in one rule, keep it.
            data.Add("no capability", profile, profile != "runtime-default");
            data.Add("Podman's set", profile, profile != "runtime-default");
            data.Add("Docker's set", profile, true);
            data.Add("all capabilities", profile, true);
            data.Add("containerd", profile, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(DefaultsAndProfiles))]
    public void OrdinarySocketsStayUnderTheDefaultOfAnEngine(string engine, string name, bool keepsNetlink)
    {
        Assert.SkipWhen(engine != "containerd" && !File.Exists(Installed), $"{Installed} is not installed here (package golang-github-containers-common)");
        CapabilitySet held = engine switch
        {
            "Podman's set" => CapabilitySet.Of(
                "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"),
            "Docker's set" => CapabilitySet.Of(
                "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID",
                "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"),
            "all capabilities" => CapabilitySet.All,
            _ => CapabilitySet.None,
        };
        SeccompProfile from = engine == "containerd" ? Containerd() : SeccompProfile.ParseFor(File.ReadAllBytes(Installed), engine, held);
        SeccompModel model = Meet(from, Shipped(name, held));
        AssertOrdinary(model);
        Assert.Equal(keepsNetlink ? SeccompAction.Allow : SeccompAction.Errno, Ask(model, 16, 3, 0));
        if (name != "audit-all")
        {
            Assert.Equal(SeccompAction.Errno, Ask(model, 40, 1, 0));   // Podman's default has it
        }
    }

    [Theory]
    [InlineData(NoAudit, "SCMP_ACT_ERRNO", 9)]
    [InlineData(Ranges, "SCMP_ACT_ERRNO", 0)]
    [InlineData(Denials, "SCMP_ACT_ALLOW", 0)]
    public void AListOfFamiliesKeepsThemUnderEveryIdiomOfAnEngine(string rules, string fallback, ulong protocol)
    {
        SeccompModel model = Meet(Profile(fallback, rules), Profile("SCMP_ACT_ERRNO", AllFamiliesBut40));
        AssertOrdinary(model);
        Assert.Equal(SeccompAction.Allow, Ask(model, 17, 3, 0));
        Assert.Equal(SeccompAction.Errno, Ask(model, 40, 1, 0));
        Assert.Equal(SeccompAction.Errno, Ask(model, (1UL << 32) | 40, 1, 0));
        Assert.Equal(protocol == 9 ? SeccompAction.Errno : SeccompAction.Allow, Ask(model, 16, 3, protocol));
    }

    [Theory]
    [InlineData(NoAudit, "SCMP_ACT_ERRNO")]
    [InlineData(Ranges, "SCMP_ACT_ERRNO")]
    [InlineData(Denials, "SCMP_ACT_ALLOW")]
    public void OrdinarySocketsOfTheListsThatAreShippedStayUnderEveryIdiomOfAnEngine(string rules, string fallback)
    {
        foreach (string name in s_shipped[1..^(fallback == "SCMP_ACT_ALLOW" ? 0 : 1)])   // of ranges under a profile that only logs the one value stays
        {
            AssertOrdinary(Meet(Profile(fallback, rules), Shipped(name, CapabilitySet.None)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void InWhichOrderTwoShippedProfilesMeetAnEnginesDefaultChangesNothing(bool isPodman)
    {
        Assert.SkipWhen(isPodman && !File.Exists(Installed), $"{Installed} is not installed here (package golang-github-containers-common)");
        SeccompProfile engine = isPodman ? SeccompProfile.ParseFor(File.ReadAllBytes(Installed), Installed, CapabilitySet.None) : Containerd();
        foreach (string one in s_shipped)
        {
            foreach (string other in s_shipped)
            {
                SeccompProfile a = Shipped(one, CapabilitySet.None), b = Shipped(other, CapabilitySet.None);
                Assert.Equal(
                    Encoding.UTF8.GetString(SeccompWriter.Write(SeccompMeet.Of(engine, SeccompMeet.Of(a, b)))),
                    Encoding.UTF8.GetString(SeccompWriter.Write(SeccompMeet.Of(engine, SeccompMeet.Of(b, a)))));
            }
        }
    }

    private static void AssertOrdinary(SeccompModel model)
    {
        foreach (ulong family in (ulong[])[1, 2, 10])
        {
            Assert.Equal((family, SeccompAction.Allow), (family, Ask(model, family, 1, 0)));
        }
    }

    private static SeccompAction Ask(SeccompModel model, ulong family, ulong type, ulong protocol)
    {
        SeccompAnswer answer = model.Evaluate(SyscallTable.Architectures[0], 41, [family, type, protocol, 0, 0, 0]);
        Assert.True(answer.IsCertain, $"socket({family}, {type}, {protocol}) is {answer}");
        return answer.Result.Action == SeccompAction.Log ? SeccompAction.Allow : answer.Result.Action;   // audit-all lets pass and writes it down
    }

    // And again, which must change nothing.
    private static SeccompModel Meet(SeccompProfile engine, SeccompProfile policy)
    {
        SeccompProfile meet = SeccompMeet.Of(engine, policy);
        foreach (SeccompProfile side in (SeccompProfile[])[engine, policy])
        {
            Assert.Equal(Encoding.UTF8.GetString(SeccompWriter.Write(meet)), Encoding.UTF8.GetString(SeccompWriter.Write(SeccompMeet.Of(meet, side))));
        }

        return SeccompModel.Of(meet, SeccompRuntime.Runc, SyscallTable.Architectures[0]);
    }

    private static SeccompProfile Shipped(string name, CapabilitySet held) => SeccompProfile.ParseFor(File.ReadAllBytes(Repository.Folders.FindSeccomp(name)!), name, held);

    private static SeccompProfile Containerd()
    {
        using JsonDocument spec = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Fixtures/bundles/containerd-1.6-seccomp/config.json")));
        return SeccompProfile.Parse(Encoding.UTF8.GetBytes(spec.RootElement.GetProperty("linux").GetProperty("seccomp").GetRawText()), "containerd");
    }

    private static SeccompProfile Profile(string fallback, string rules) => SeccompProfile.Parse(
        Encoding.UTF8.GetBytes($$"""
            {"defaultAction":"{{fallback}}","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"],"syscalls":[
             {"names":["read","write"],"action":"{{(fallback == "SCMP_ACT_ALLOW" ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW")}}"},{{rules}}]}
            """), "made up");
}
