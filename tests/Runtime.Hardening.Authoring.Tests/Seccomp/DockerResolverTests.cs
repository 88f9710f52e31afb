using System.Text;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Authoring.Seccomp.Docker;

namespace Runtime.Hardening.Authoring.Tests.Seccomp;

/// <summary>Docker's own rules: setupSeccomp of moby's profiles/seccomp/seccomp_linux.go.</summary>
public class DockerResolverTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("\"includes\":{}", true)]
    [InlineData("\"includes\":null,\"excludes\":null", true)]
    [InlineData("\"includes\":{\"caps\":[\"CAP_CHOWN\"]}", true)]
    [InlineData("\"includes\":{\"caps\":[\"CAP_CHOWN\",\"CAP_KILL\"]}", true)]
    [InlineData("\"includes\":{\"caps\":[\"CAP_CHOWN\",\"CAP_BPF\"]}", false)]     // all of them
    [InlineData("\"excludes\":{\"caps\":[\"CAP_BPF\"]}", true)]
    [InlineData("\"excludes\":{\"caps\":[\"CAP_BPF\",\"CAP_CHOWN\"]}", false)]      // one is enough
    [InlineData("\"includes\":{\"arches\":[\"amd64\",\"x32\"]}", true)]
    [InlineData("\"includes\":{\"arches\":[\"arm64\"]}", false)]
    [InlineData("\"excludes\":{\"arches\":[\"s390\",\"s390x\"]}", true)]
    [InlineData("\"excludes\":{\"arches\":[\"amd64\"]}", false)]
    [InlineData("\"includes\":{\"minKernel\":\"5.10\"}", true)]
    [InlineData("\"includes\":{\"minKernel\":\"5.9\"}", true)]                      // 9 is before 10
    [InlineData("\"includes\":{\"minKernel\":\"5.11\"}", false)]
    [InlineData("\"includes\":{\"minKernel\":\"6.0\"}", false)]
    [InlineData("\"excludes\":{\"minKernel\":\"5.10\"}", false)]
    [InlineData("\"excludes\":{\"minKernel\":\"5.11\"}", true)]
    [InlineData("\"includes\":{\"caps\":[\"CAP_CHOWN\"]},\"excludes\":{\"caps\":[\"CAP_CHOWN\"]}", false)]
    [InlineData("\"includes\":{\"caps\":[\"CAP_CHOWN\"],\"arches\":[\"arm64\"]}", false)]
    public void AnEntryIsForTheContainersThatItsFiltersDescribe(string filters, bool isFor)
    {
        JObject resolved = Resolve($"{{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{Profile.Rule("mount", "SCMP_ACT_ALLOW", filters)}]}}");
        Assert.Equal(isFor ? """{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["mount"],"action":"SCMP_ACT_ALLOW"}]}""" : """{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[]}""", Compact(resolved));
    }

    [Theory]
    [InlineData("amd64", "[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]")]
    [InlineData("arm64", "[\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_ARM\"]")]
    [InlineData("riscv64", "[\"SCMP_ARCH_RISCV64\"]")]
    [InlineData("s390x", "")]
    public void TheMapGivesTheArchitecturesOfTheHost(string architecture, string expected)
    {
        JObject resolved = Resolve("""
            {"defaultAction":"SCMP_ACT_ERRNO","archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86","SCMP_ARCH_X32"]},
             {"architecture":"SCMP_ARCH_AARCH64","subArchitectures":["SCMP_ARCH_ARM"]},{"architecture":"SCMP_ARCH_RISCV64","subArchitectures":null}],"syscalls":[]}
            """, architecture);
        Assert.Equal(expected, resolved["architectures"] is { } list ? Compact(list) : "");
        Assert.False(resolved.ContainsKey("archMap"));
    }

    [Fact]
    public void TheOldFieldForOneNameIsReadToo()
        => Assert.Equal("""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["mount"],"action":"SCMP_ACT_ALLOW"}]}""",
            Compact(Resolve("""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"name":"mount","action":"SCMP_ACT_ALLOW","comment":"x"}]}""")));

    [Theory]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"name\":\"a\",\"names\":[\"b\"],\"action\":\"SCMP_ACT_ALLOW\"}]}", "two-name-fields")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86\"],\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86\"}]}", "two-architecture-lists")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"b\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"minKernel\":\"5\"}}]}", "wrong-type")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"b\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"minKernel\":\"256.1\"}}]}", "wrong-type")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"b\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"minKernel\":\"0.0\"}}]}", "wrong-type")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"b\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"Caps\":[]}}]}", "second-spelling")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"b\"],\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"EINVAL\"}]}", "errno-by-name")]
    public void WhatDockerRefusesIsAnError(string json, string code)
    {
        LintReport report = new();
        ProfileDocument.Parse("p.json", Encoding.UTF8.GetBytes(json), ProfileDialect.Docker, report);
        Assert.Equal(code, Assert.Single(report.Findings).Code);
    }

    [Theory]
    [InlineData("\"includes\":{\"cap\":[\"CAP_CHOWN\"]}", "unknown-field", "Did you mean 'caps'?")]
    [InlineData("\"excludes\":{\"capabilities\":[\"CAP_CHOWN\"]}", "unknown-field", "expected one of caps, arches, minKernel")]
    [InlineData("\"includes\":{\"caps\":[\"CAP_SYS_ADMN\"]}", "unknown-value", "Did you mean 'CAP_SYS_ADMIN'?")]
    [InlineData("\"excludes\":{\"caps\":[\"KILL\"]}", "unknown-value", "Did you mean 'CAP_KILL'?")]
    [InlineData("\"includes\":{\"caps\":[\"chown\"]}", "unknown-value", "Did you mean 'CAP_CHOWN'?")]
    [InlineData("\"includes\":{\"arches\":[\"amd46\"]}", "unknown-value", "Did you mean 'amd64'?")]
    [InlineData("\"excludes\":{\"arches\":[\"SCMP_ARCH_X86_64\"]}", "unknown-value", "Did you mean 'amd64'?")]   // its own names, not libseccomp's
    [InlineData("\"include\":{\"caps\":[\"CAP_CHOWN\"]}", "unknown-field", "Did you mean 'includes'?")]
    [InlineData("\"exlcudes\":{\"caps\":[\"CAP_CHOWN\"]}", "unknown-field", "Did you mean 'excludes'?")]
    public void AMisspeltConditionIsAnErrorOfTheFormBecauseTheEntryWouldHoldForOthers(string filters, string code, string hint)
    {
        byte[] json = Encoding.UTF8.GetBytes($"{{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[\n{Profile.Rule("mount", "SCMP_ACT_ALLOW", filters)}]}}");
        foreach (ProfileDialect dialect in filters[1] == 'i' && filters.Contains("include\"", StringComparison.Ordinal) ? [ProfileDialect.Docker, ProfileDialect.Oci] : new[] { ProfileDialect.Docker })
        {
            LintReport report = new();
            ProfileDocument document = ProfileDocument.Parse("p.json", json, dialect, report)!;
            LintFinding finding = Assert.Single(report.Findings);
            Assert.Equal((LintSeverity.Error, code, 2), (finding.Severity, finding.Code, finding.Location.Line));
            Assert.Contains(hint, finding.Message, StringComparison.Ordinal);
            if (dialect == ProfileDialect.Oci)
            {
                SeccompChecks.Run(document, SeccompUse.Runtime, report);
                Assert.Single(report.Findings, static f => f.Code == "unknown-field");
            }
        }
    }

    [Fact]
    public void OtherErrorsDoNotHideAMisspeltCondition()
    {
        LintReport report = new();
        ProfileDocument.Parse("p.json", """
            {"defaultAction":"SCMP_ACT_EROR","syscalls":[
            {"name":"a","names":["b"],"action":"SCMP_ACT_ALLOW","includes":{"cap":["CAP_CHOWN"]}},
            {"names":["c"],"action":"SCMP_ACT_ALOW","include":{"caps":[]},"excludes":{"caps":["CAP_X"],"arches":["amd46"]}}]}
            """u8, ProfileDialect.Docker, report);
        Assert.Equal(["1 unknown-value", "2 two-name-fields", "2 unknown-field", "3 unknown-field", "3 unknown-value", "3 unknown-value", "3 unknown-value"],
            report.Findings.Select(static f => $"{f.Location.Line} {f.Code}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("6.1.0-18-amd64", "6.1")]
    [InlineData("3.12-1-amd64", "3.12")]
    [InlineData("3.12-rc5", "3.12")]
    [InlineData("5.4", "5.4")]
    [InlineData("six", null)]
    [InlineData("6", null)]
    public void AKernelsReleaseIsReadAsFarAsProfilesCompareIt(string release, string? expected) => Assert.Equal(expected, KernelVersion.Parse(release)?.ToString());

    [Fact]
    public void TheLargestProfileKeepsWhatNobodyKnowsThroughReadingResolvingAndWriting()
    {
        JObject large = Large();
        LintReport report = new();
        ProfileDocument document = ProfileDocument.Parse("p.json", Encoding.UTF8.GetBytes(large.ToString()), ProfileDialect.Docker, report)!;
        Assert.Empty(report.Findings);
        JObject resolved = DockerResolver.Resolve(document, Container("amd64"));
        JObject again = JObject.Parse(ProfileConverter.ToText(resolved));
        Assert.Equal("1.50", ProfileConverter.ToText(resolved).Split("\"unknownNumber\": ")[1].Split(',')[0]);
        Assert.Equal("123456789012345678901234567890", ProfileConverter.ToText(resolved).Split("\"unknownLarge\": ")[1].Split(',')[0]);
        Assert.Equal("[{\"deep\":[1,null,true,\"\\u0007é\"]}]", Compact(again["unknownList"]!));
        Assert.Equal(900, ((JArray)again["syscalls"]!).Count);
        Assert.All(again["syscalls"]!, rule => Assert.Equal("kept", (string?)rule["unknownOfRule"]));
        Assert.All(again["syscalls"]!, rule => Assert.Equal("kept", (string?)rule["args"]![0]!["unknownOfCondition"]));
        // And once more through the other commands' reader and writer, to the byte.
        ProfileDocument read = ProfileDocument.Parse("p.json", Encoding.UTF8.GetBytes(ProfileConverter.ToText(resolved)), ProfileDialect.Oci, report)!;
        Assert.Equal(ProfileConverter.ToText(resolved), ProfileConverter.Write(read, ProfileFormat.Oci, "", "", report));
        Assert.Empty(report.Findings);
    }

    private static JObject Large()
    {
        JArray rules = [];
        for (int i = 0; i < 900; i++)
        {
            rules.Add(JObject.Parse($$$"""{"names":["call_{{{i}}}"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ","unknownOfCondition":"kept"}],"includes":{"caps":["CAP_CHOWN"]},"unknownOfRule":"kept"}"""));
        }

        JObject large = new(
            new JProperty("defaultAction", "SCMP_ACT_ERRNO"), new JProperty("unknownNumber", new JRaw("1.50")), new JProperty("unknownLarge", new JRaw("123456789012345678901234567890")),
            new JProperty("unknownList", JArray.Parse("[{\"deep\":[1,null,true,\"\\u0007é\"]}]")), new JProperty("syscalls", rules));
        return large;
    }

    private static JObject Resolve(string json, string architecture = "amd64") => DockerResolver.Resolve(Profile.Read(json, ProfileDialect.Docker), Container(architecture));

    private static DockerContainer Container(string architecture) => new(["CAP_CHOWN", "CAP_KILL"], DockerArchitecture.Find(architecture)!, new KernelVersion(5, 10));

    private static string Compact(JToken value) => value.ToString(Newtonsoft.Json.Formatting.None);
}
