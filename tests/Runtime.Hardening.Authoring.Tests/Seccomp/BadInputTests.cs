using System.Text;
using CsCheck;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Authoring.Seccomp.Recording;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Tests.Seccomp;

public class BadInputTests
{
    [Theory]
    [InlineData("", "json-syntax", 1, 1)]
    [InlineData("{\n  \"defaultAction\": \"SCMP_ACT_ALLOW\",\n  \"syscalls\": [{\"names\": [\"re", "json-syntax", 3, 30)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",}", "json-syntax", 1, 35)]
    [InlineData("{'defaultAction':'SCMP_ACT_ALLOW'}", "json-syntax", 1, 2)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\" /* no */}", "json-syntax", 1, 35)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\"} x", "json-syntax", 1, 36)]
    [InlineData("[]", "wrong-type", 1, 1)]
    [InlineData("{\n \"é\": 1, \"defaultAction\": \"SCMP_ACT_ALOW\"}", "unknown-value", 2, 27)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"a\":1,\n \"a\":2}", "duplicate-key", 3, 2)]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"a\":\"\\ud800\"}", "json-syntax", 1, 39)]
    public void AMistakeIsOneErrorInItsLineAndColumn(string json, string code, int line, int column)
    {
        LintReport report = new();
        ProfileDocument.Parse("p.json", Encoding.UTF8.GetBytes(json), ProfileDialect.Oci, report);
        LintFinding finding = Assert.Single(report.Findings);
        Assert.Equal((LintSeverity.Error, code, "p.json", line, column), (finding.Severity, finding.Code, finding.Location.File, finding.Location.Line, finding.Location.Column));
    }

    [Theory]
    [InlineData("p.json", "", "there is nothing in it")]
    [InlineData("p.json", "{\"defaultAction\":\"SCMP_ACT", "it ends before it is complete")]
    [InlineData("p.json", "{\"syscalls\":[{", "it ends before it is complete")]
    [InlineData("p.json", "{\"syscalls\":[1,]", "a comma stands before the closing bracket")]
    [InlineData("p.json", "{\"syscalls\":[}", "'}' is")]
    [InlineData("p.json", "// mine\n{}", "'/' is")]
    [InlineData("p.json", "null", "Expected an object")]
    [InlineData("p", "{\"syscalls\":[1,]", "a comma stands before the closing bracket")]
    public void WhatIsNotJsonIsSaidInWordsForPeople(string name, string text, string expected)
    {
        using TestFolder folder = new();
        LintReport report = new();
        string file = folder.Write(name, text);
        SeccompLint.Run([file], SeccompUse.Runtime, report);
        LintFinding finding = Assert.Single(report.Findings);
        Assert.Contains(expected, finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("reader options", finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("isFinalBlock", finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("YAML", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"index\":6,\"value\":0,\"op\":\"SCMP_CMP_EQ\"", "a whole number from 0 to 5, but this is 6")]
    [InlineData("\"index\":0,\"value\":18446744073709551616,\"op\":\"SCMP_CMP_EQ\"", "a whole number from 0 to 18446744073709551615, but this is 18446744073709551616")]
    [InlineData("\"index\":0,\"value\":-1,\"op\":\"SCMP_CMP_EQ\"", "but this is -1")]
    [InlineData("\"index\":0,\"value\":1e2,\"op\":\"SCMP_CMP_EQ\"", "but this is 1e2")]
    [InlineData("\"index\":0,\"value\":\"1\",\"op\":\"SCMP_CMP_EQ\"", "but this is the text '1'")]
    [InlineData("\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQUALS\"", "'SCMP_CMP_EQUALS' is not known here")]
    [InlineData("\"index\":0,\"op\":\"SCMP_CMP_EQ\"", "'value' is missing")]
    public void AConditionThatNoRuntimeTakesIsAnError(string argument, string expected)
        => Assert.Contains(expected, Assert.Single(Profile.Lint(Profile.Json(Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{{{argument}}}]")))).Message, StringComparison.Ordinal);

    [Fact]
    public void DeepNestingIsAnErrorAndNoOverflow()
    {
        LintReport report = new();
        Assert.Null(ProfileDocument.Parse("p.json", Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 1_000_000)), ProfileDialect.Oci, report));
        Assert.Equal(("too-deep", 1, 38), (report.Findings[0].Code, report.Findings[0].Location.Line, report.Findings[0].Location.Column));
    }

    [Fact]
    public void MoreValuesThanAnyProfileHasAreAnError()
    {
        LintReport report = new();
        Assert.Null(ProfileDocument.Parse("p.json", Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Repeat("0", 600_000)) + "]"), ProfileDialect.Oci, report));
        Assert.Equal("document-too-large", Assert.Single(report.Findings).Code);
    }

    [Theory]
    [InlineData(4096, 0)]
    [InlineData(4097, 1)]
    [InlineData(45_000, 1)]
    public void MoreConditionsThanAFilterHasInstructionsAreOneErrorAndNotMinutes(int rules, int errors)
    {
        string[] entries = [.. Enumerable.Range(0, rules).Select(static i => Profile.Rule($"call{i / 1000}", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(i % 6, "EQ", (ulong)i)}]"))];
        byte[] json = Encoding.UTF8.GetBytes(Profile.Json(entries));
        LintReport report = new();
        ProfileDocument.Parse("p.json", json, ProfileDialect.Oci, report);
        Assert.Equal(errors, report.ErrorCount);
        Assert.All(report.Findings, static finding => Assert.Equal("too-many-conditions", finding.Code));
        if (errors > 0)
        {
            HardeningFormatException e = Assert.Throws<HardeningFormatException>(() => SeccompProfile.Parse(json, "p"));
            Assert.Contains("more than 4096 rules with conditions", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void MoreConditionsOfOneCallThanTheHookReadsAreOneError()
    {
        byte[] json = Encoding.UTF8.GetBytes(Profile.Json([.. Enumerable.Range(0, 1100).Select(static i => Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(i % 6, "EQ", (ulong)i)}]"))]));
        LintReport report = new();
        ProfileDocument.Parse("p.json", json, ProfileDialect.Oci, report);
        Assert.Equal("too-many-conditions", Assert.Single(report.Findings).Code);
        Assert.Throws<HardeningFormatException>(() => SeccompProfile.Parse(json, "p"));
    }

    [Theory]
    [InlineData(40_000, 1)]
    [InlineData(1, 8_000)]
    public void ConditionsThatNoFilterHoldsAreNotComparedWithEachOther(int inOneEntry, int entries)
    {
        string rule = Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{string.Join(',', Enumerable.Range(0, inOneEntry).Select(static i => Profile.Arg(i % 6, "NE", (ulong)i)))}]");
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.All(Profile.Lint(Profile.Json([.. Enumerable.Repeat(rule, entries)])), static finding => Assert.Equal("too-many-conditions", finding.Code));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(8), $"{watch.Elapsed}");
    }

    [Fact]
    public void ComparingEntriesHasABoundAndSaysSo()
    {
        static string Entry(int i) => Profile.Rule("mount", i % 2 == 0 ? "SCMP_ACT_ALLOW" : "SCMP_ACT_LOG", $"\"args\":[{string.Join(',', Enumerable.Range(0, 6).Select(a => Profile.Arg(a, "EQ", (ulong)((i * 10) + a))))}]");
        Assert.DoesNotContain(Profile.Lint(Profile.Json([.. Enumerable.Range(0, 190).Select(Entry)])), static f => f.Code == "not-compared");
        Assert.Single(Profile.Lint(Profile.Json([.. Enumerable.Range(0, 300).Select(Entry)])), static f => f.Code == "not-compared");
    }

    [Theory]
    [InlineData("\"defaultAction\":\"SCMP_ACT_EROR\"", "unknown-value")]
    [InlineData("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":70000", "wrong-type")]
    [InlineData("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":-1", "wrong-type")]
    public void NothingIsConcludedFromADefaultThatWasNotUnderstood(string @default, string code)
    {
        string json = $"{{{@default},\"syscalls\":[{Profile.Rule("read", "SCMP_ACT_ALLOW")},{Profile.Rule("mount", "SCMP_ACT_ERRNO")}]}}";
        Assert.Equal(code, Assert.Single(Profile.Lint(json)).Code);
    }

    [Theory]
    [InlineData("SCMP_ACT_ERRNO", "\"errnoRet\":70000")]
    [InlineData("SCMP_ACT_ERRNO", "\"errnoRet\":-1")]
    [InlineData("SCMP_ACT_ALLOW", "\"args\":[{\"index\":9,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}]")]
    public void NothingIsConcludedFromAnEntryThatWasNotUnderstood(string action, string more)
    {
        string json = Profile.Json(Profile.Rule("mount", action, more), Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "EQ", 1)}]"), Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "EQ", 2)}]"))
            .Replace("\"defaultErrnoRet\":38", "\"defaultErrnoRet\":1", StringComparison.Ordinal);
        Assert.Equal("wrong-type", Assert.Single(Profile.Lint(json)).Code);
    }

    [Fact]
    public void BytesThatAreNoUtf8HaveTheirPlace()
    {
        LintReport report = new();
        byte[] bytes = [.. "{\n\"defaultAction\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        Assert.Null(ProfileDocument.Parse("p.json", bytes, ProfileDialect.Oci, report));
        LintFinding finding = Assert.Single(report.Findings);
        Assert.Equal(("not-utf8", 2, 18), (finding.Code, finding.Location.Line, finding.Location.Column));
    }

    [Fact]
    public void AProfileOf50MegabytesIsRefusedBeforeItIsRead()
    {
        using TestFolder folder = new();
        using (FileStream file = File.Create(folder["large.json"]))
        {
            file.SetLength(50 * 1024 * 1024);
        }

        LintReport report = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(ProfileDocument.Load(folder["large.json"], ProfileDialect.Oci, report));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024 * 1024);
        Assert.Equal("file-too-large", Assert.Single(report.Findings).Code);
        Assert.True(report.IsIncomplete);
    }

    [Fact]
    public void EveryTruncationOfTheLargestShippedProfileIsAFindingAndNoCrash()
    {
        byte[] bytes = File.ReadAllBytes(Directory.EnumerateFiles(Path.Combine(Repository.Profiles, "seccomp")).MaxBy(f => new FileInfo(f).Length)!);
        int end = bytes.AsSpan().LastIndexOf((byte)'}');
        for (int length = 0; length <= end; length += 7)
        {
            LintReport report = new();
            ProfileDocument.Parse("p.json", bytes.AsSpan(0, length), ProfileDialect.Docker, report);
            Assert.True(report.HasErrors, $"the first {length} bytes were taken for a profile");
            Assert.All(report.Findings, static f => Assert.True(f.Location is { Line: > 0, Column: > 0 }));
        }
    }

    [Fact]
    public void TenThousandMistakesAreReportedInBoundedSpaceAndCountedInFull()
    {
        LintReport report = new();
        ProfileDocument.Parse("p.json", Encoding.UTF8.GetBytes($"{{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{string.Join(',', Enumerable.Repeat("7", 10_000))}]}}"), ProfileDialect.Oci, report);
        Assert.Equal((10_000, 2000, 8000), (report.ErrorCount, report.Findings.Count, report.Dropped));
    }

    [Theory]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[{}],\"flags\":[[]],\"//\":[{}]}")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":null,\"action\":\"SCMP_ACT_ALLOW\",\"args\":null,\"errnoRet\":null}]}")]
    [InlineData("{\"defaultAction\":null,\"syscalls\":null,\"//\":null,\"archMap\":null}")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[null,7,{\"names\":[null]},{\"args\":[null,{}]}]}")]
    [InlineData("{\"kind\":\"SeccompProfile\"}")]
    public void OddButValidJsonGivesFindingsAndNoCrash(string json)
    {
        using TestFolder folder = new();
        string file = folder.Write("p.json", json);
        LintReport report = new();
        SeccompLint.Run([file], SeccompUse.Policy, report);
        Assert.NotEmpty(report.Findings);
        Everything(file);
    }

    [Fact]
    public void NoMutationOfAnyFormatCrashesAnyReader()
    {
        string oci = Profile.Json(Profile.Rule("mount", "SCMP_ACT_ALLOW", $"\"args\":[{Profile.Arg(0, "MASKED_EQ", 3, 1)}]"));
        string docker = File.ReadAllText(Path.Combine(Repository.Profiles, "seccomp/runtime-default.json"));
        string yaml = ProfileConverter.Write(Profile.Read(oci.Replace("38", "1", StringComparison.Ordinal)), ProfileFormat.Kubernetes, "x", "v1", new LintReport());
        string[] seeds = [oci, docker, yaml, "{\"recording\":1}\n{\"name\":\"read\",\"count\":2}\n", "7 read(1) = 0\n", "% time     seconds  usecs/call     calls    errors syscall\n  0.00    0.0           0         3           read\n"];
        string[] pieces = ["null", "{}", "[]", "\"", ",", "7", "-1", "1e400", "\\ud800", "\n", "\t", ": ", "- ", "&a ", "*a", "SCMP_ACT_NOTIFY", "99999999999999999999", "}", "]", "\u0001"];
        using TestFolder folder = new();
        Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Select(Gen.Double.Unit, Gen.Int[0, 9], Gen.Int[0, pieces.Length - 1]).Array[1, 4]).Sample(
            (seed, changes) =>
            {
                string text = seeds[seed];
                foreach ((double place, int removed, int piece) in changes)
                {
                    int at = (int)(place * (text.Length - 1));
                    text = string.Concat(text.AsSpan(0, at), pieces[piece], text.AsSpan(Math.Min(text.Length, at + removed)));
                }

                Everything(folder.Write("mutated", text));
            },
            iter: 1500, threads: 1);
    }

    // All that commands do with a file of which nothing is known.
    private static void Everything(string file)
    {
        SeccompLint.Run([file], SeccompUse.Runtime, new LintReport());
        SyscallRecording? recording = SyscallRecording.Load(file, new LintReport());
        LintReport report = new();
        if (ProfileConverter.Read(file, report) is { } profile && !report.HasErrors)
        {
            foreach (ProfileFormat format in Enum.GetValues<ProfileFormat>())
            {
                ProfileConverter.Write(profile, format, "x", "v1", new LintReport());
            }

            ProfileShrinker.Of(profile, recording ?? new SyscallRecording("r", new Dictionary<string, ulong>()), []);
            SeccompVerdict.Of(profile, SeccompModel.Of(profile.ToProfile(), SeccompRuntime.Runc), SyscallTable.Native, 41, "socket", new ulong?[6]);
        }
    }
}
