using System.Text;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Authoring.Tests.Seccomp;

public class ProfileConverterTests
{
    private const string Oci = """
        {"//":["for people"],"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],"flags":["SECCOMP_FILTER_FLAG_LOG"],"listenerPath":"/var/run/a b.sock",
         "syscalls":[{"names":["read","on"],"action":"SCMP_ACT_ALLOW"},{"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38},
         {"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2114060288,"valueTwo":7,"op":"SCMP_CMP_MASKED_EQ"},{"index":1,"value":0,"op":"SCMP_CMP_EQ"}]}]}
        """;

    [Fact]
    public void AResourceIsTheOperatorsForm()
    {
        LintReport report = new();
        string yaml = ProfileConverter.Write(Profile.Read(Oci), ProfileFormat.Kubernetes, "web", "v1", report);
        Assert.Empty(report.Findings);
        Assert.Equal("""
            # for people
            apiVersion: security-profiles-operator.x-k8s.io/v1
            kind: SeccompProfile
            metadata:
              name: web
            spec:
              defaultAction: SCMP_ACT_ERRNO
              architectures:
                - SCMP_ARCH_X86_64
                - SCMP_ARCH_X86
              flags:
                - SECCOMP_FILTER_FLAG_LOG
              listenerPath: "/var/run/a b.sock"
              syscalls:
                - action: SCMP_ACT_ALLOW
                  names:
                  - read
                  - "on"
                - action: SCMP_ACT_ERRNO
                  errnoRet: 38
                  names:
                  - clone3
                - action: SCMP_ACT_ALLOW
                  names:
                  - clone
                  args:
                  - index: 0
                    value: 2114060288
                    valueTwo: 7
                    op: SCMP_CMP_MASKED_EQ
                  - index: 1
                    value: 0
                    op: SCMP_CMP_EQ

            """, yaml);
    }

    [Theory]
    [InlineData(ProfileFormat.Kubernetes)]
    [InlineData(ProfileFormat.Oci)]
    public void ThereAndBackIsTheSameProfile(ProfileFormat format)
    {
        JObject before = JObject.Parse(Oci);
        before.Remove("//");
        JObject after = (JObject)Back(ProfileConverter.Write(Profile.Read(Oci), format, "web", "v1", new LintReport())).Json.DeepClone();
        after.Remove("//");
        Assert.Equal(Sorted(before), Sorted(after));
    }

    [Fact]
    public void DockersFormatWithAMapAloneIsReadAsItIsForThisMachine()
    {
        string docker = ProfileConverter.Write(Profile.Read(Oci), ProfileFormat.Docker, "", "", new LintReport());
        string other = docker.Replace("SCMP_ARCH_X86_64", "SCMP_ARCH_PPC", StringComparison.Ordinal).Replace("\"archMap\"", "\n\"archMap\"", StringComparison.Ordinal);
        Assert.SkipUnless(SyscallTable.Native.Name == "SCMP_ARCH_X86_64", "the profile is for that machine");
        Assert.Equal(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], Back(docker).Architectures);
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, other);
            LintReport report = new();
            Assert.Null(ProfileConverter.Read(file, report));
            LintFinding finding = Assert.Single(report.Findings);
            Assert.Equal(("depends-on-container", 1 + Array.FindIndex(other.Split('\n'), static line => line.StartsWith("\"archMap\"", StringComparison.Ordinal))), (finding.Code, finding.Location.Line));
            Assert.Contains("hardenctl seccomp resolve --arch", finding.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void AResourceHasNoEntryThatRepeatsItsOwnDefault()
    {
        string yaml = ProfileConverter.Write(Profile.Read(Profile.Json(Profile.Rule("bpf", "SCMP_ACT_ERRNO", "\"errnoRet\":1"))), ProfileFormat.Kubernetes, "web", "v1", new LintReport());
        ProfileDocument back = Back(yaml);
        Assert.DoesNotContain(back.Rules, r => r.Result == back.Default);
        Assert.DoesNotContain(back.Rules, static r => r.Names.Any(static n => n.Name == "bpf"));
    }

    [Fact]
    public void DockersFormatHasTheArchitecturesAsAMapWhichResolvesToTheSameProfile()
    {
        string docker = ProfileConverter.Write(Profile.Read(Oci), ProfileFormat.Docker, "", "", new LintReport());
        Assert.Contains("\"archMap\": [{ \"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": [\"SCMP_ARCH_X86\"] }]", docker, StringComparison.Ordinal);
        JObject resolved = Authoring.Seccomp.Docker.DockerResolver.Resolve(
            Profile.Read(docker, ProfileDialect.Docker), new([], Authoring.Seccomp.Docker.DockerArchitecture.Find("amd64")!, new(6, 1)));
        JObject expected = JObject.Parse(Oci);
        expected.Remove("//");
        Assert.Equal(Sorted(expected), Sorted(resolved));
    }

    [Theory]
    [InlineData("\"defaultErrnoRet\":38,\"syscalls\":[]", "The resource has no defaultErrnoRet", "SCMP_ACT_TRACE")]
    [InlineData("\"syscalls\":[{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":9223372036854775808,\"op\":\"SCMP_CMP_EQ\"}]}]", "The resource holds values up to 9223372036854775807")]
    [InlineData("\"syscalls\":[{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":0}]", "takes 'errnoRet: 0' for none")]
    public void WhatTheResourceCannotSayIsAnErrorAndNoOtherProfile(string members, string expected, string action = "SCMP_ACT_ERRNO")
    {
        LintReport report = new();
        ProfileConverter.Write(Profile.Read($"{{\"defaultAction\":\"{action}\",{members}}}"), ProfileFormat.Kubernetes, "x", "v1", report);
        LintFinding finding = Assert.Single(report.Findings);
        Assert.Equal((LintSeverity.Error, "not-expressible", 1), (finding.Severity, finding.Code, finding.Location.Line));
        Assert.Contains(expected, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnErrnoByDefaultBecomesAnEntryForEveryCallThatNoEntryNames()
    {
        ProfileDocument profile = Profile.Read(File.ReadAllText(Path.Combine(Repository.Profiles, "seccomp/web.json")));
        LintReport report = new();
        ProfileDocument back = Back(ProfileConverter.Write(profile, ProfileFormat.Kubernetes, "web", "v1", report));
        Assert.Equal(["approximated"], report.Findings.Select(f => f.Code));
        SeccompModel before = SeccompModel.Of(profile.ToProfile(), SeccompRuntime.Crun), after = SeccompModel.Of(back.ToProfile(), SeccompRuntime.Crun);
        int compared = 0;
        foreach (string name in SyscallTable.Names.Where(n => SyscallTable.Number(SyscallTable.Architectures[0], n) is not null && profile.Rules.All(r => r.Conditions.Count == 0 || r.Names.All(p => p.Name != n))))
        {
            uint number = (uint)SyscallTable.Number(SyscallTable.Architectures[0], name)!.Value;
            Assert.Equal(before.Evaluate(SyscallTable.Architectures[0], number, new ulong[6]).Result, after.Evaluate(SyscallTable.Architectures[0], number, new ulong[6]).Result);
            compared++;
        }

        Assert.True(compared > 300);
    }

    [Theory]
    [InlineData("  baseProfileName: runc", "base-profile", 5, 3)]
    [InlineData("  syscalls: [{names: [read], action: SCMP_ACT_ALOW}]", "unknown-value", 5, 38)]
    [InlineData("  syscalls: [{names: [read], action: SCMP_ACT_ALLOW, args: [{index: 6, op: SCMP_CMP_EQ}]}]", "wrong-type", 5, 69)]
    [InlineData("  syscalls: 7", "wrong-type", 5, 13)]
    [InlineData("  syscalls: [{names: [read], action: SCMP_ACT_ALLOW, args: [{index: 0, value: 010, op: SCMP_CMP_EQ}]}]", "leading-zero", 5, 79)]
    [InlineData("  syscalls: [{names: [read], action: SCMP_ACT_ERRNO, errnoRet: 01}]", "leading-zero", 5, 64)]
    public void AMistakeInAResourceHasItsPlaceInTheYaml(string line, string code, int atLine, int atColumn)
    {
        using TestFolder folder = new();
        string file = folder.Write("p.yaml", $"apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_ALLOW\n{line}\n");
        LintReport report = new();
        ProfileConverter.Read(file, report);
        LintFinding finding = Assert.Single(report.Findings);
        Assert.Equal((code, atLine, atColumn), (finding.Code, finding.Location.Line, finding.Location.Column));
    }

    [Fact]
    public void OldResourcesHaveTheErrnoAsTextAndLeaveZerosOut()
    {
        ProfileDocument profile = Back("apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_ALLOW\n  syscalls:\n  - names: [mount]\n    action: SCMP_ACT_ERRNO\n    errnoRet: \"38\"\n    args: [{index: 0, op: SCMP_CMP_EQ}]\n  - names: [umount2]\n    action: SCMP_ACT_ERRNO\n    errnoRet: 0\n");
        Assert.Equal([38u, 1u], profile.Rules.Select(r => r.Result.Errno));
        Assert.Equal(0UL, Assert.Single(profile.Rules[0].Conditions).Value);
    }

    [Fact]
    public void AResourceOfAnotherVersionIsRefusedForThat()
    {
        using TestFolder folder = new();
        LintReport report = new();
        Assert.Null(ProfileConverter.Read(folder.Write("p.yaml", "kind: SeccompProfile\napiVersion: example.org/v1\nspec:\n  defaultAction: SCMP_ACT_ALLOW\n"), report));
        LintFinding finding = Assert.Single(report.Findings);
        Assert.Equal(("no-profile", 2, 13), (finding.Code, finding.Location.Line, finding.Location.Column));
        Assert.Contains("has the apiVersion 'example.org/v1', expected one that begins with 'security-profiles-operator.x-k8s.io/'", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AProfileThatDependsOnTheContainerIsNotConvertedButResolved()
    {
        using TestFolder folder = new();
        LintReport report = new();
        Assert.Null(ProfileConverter.Read(folder.Write("d.json", $"{{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{Profile.Rule("mount", "SCMP_ACT_ALLOW", "\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}")}]}}"), report));
        Assert.Contains("hardenctl seccomp resolve", Assert.Single(report.Findings).Message, StringComparison.Ordinal);
    }

    private static ProfileDocument Back(string text)
    {
        using TestFolder folder = new();
        LintReport report = new();
        ProfileDocument? profile = ProfileConverter.Read(folder.Write("p", text), report);
        Assert.Empty(report.Findings);
        return profile!;
    }

    private static string Sorted(JToken token) => token switch
    {
        JObject value => "{" + string.Join(",", value.Properties().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}:{Sorted(p.Value)}")) + "}",
        JArray list => "[" + string.Join(",", list.Select(Sorted)) + "]",
        _ => token.ToString(Newtonsoft.Json.Formatting.None),
    };
}
