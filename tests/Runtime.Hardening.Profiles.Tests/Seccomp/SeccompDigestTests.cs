using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Tests.Inputs;

namespace Runtime.Hardening.Profiles.Tests.Seccomp;

/// <summary>A digest finds every change of a profile, and none that an encoder makes.</summary>
public sealed class SeccompDigestTests
{
    private const string Profile = """
        {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"architectures":["SCMP_ARCH_X86_64"],"flags":[],
         "syscalls":[{"names":["read","write"],"action":"SCMP_ACT_ALLOW"},
                     {"names":["socket"],"action":"SCMP_ACT_ERRNO","errnoRet":0,"args":[{"index":0,"value":18446744073709551615,"valueTwo":0,"op":"SCMP_CMP_EQ"}]}]}
        """;

    [Theory]
    [InlineData(",", " \t,\r\n")]
    [InlineData(":", " : ")]
    [InlineData("[", "[ ")]
    [InlineData("]", "\n]")]
    [InlineData("\"flags\":[],", "\"flags\":[ ],\"listenerMetadata\":{ },")]
    [InlineData("\"flags\":[],", "")]
    [InlineData("\"flags\":[]", "\"flags\":null")]
    [InlineData(",\"valueTwo\":0", "")]
    [InlineData("\"read\"", "\"\\u0072ead\"")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1,", "{ \"defaultErrnoRet\" : 1,\n\"defaultAction\":\"SCMP_ACT_ERRNO\",\"listenerPath\":null,")]
    [InlineData("\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ERRNO\"", "\"action\":\"SCMP_ACT_ERRNO\",\"names\":[\"socket\"]")]
    public void WhatAnEncoderChangesIsNoChange(string before, string after) => Assert.Equal(Of(Profile), Of(Changed(before, after)));

    [Theory]
    [InlineData("\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\"", "\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\"")]
    [InlineData(",\"defaultErrnoRet\":1", ",\"defaultErrnoRet\":38")]
    [InlineData(",\"defaultErrnoRet\":1", "")]
    [InlineData(",\"errnoRet\":0", "")]
    [InlineData("\"read\",", "")]
    [InlineData("\"write\"", "\"write\",\"mount\"")]
    [InlineData("\"read\",\"write\"", "\"readwrite\"")]
    [InlineData("18446744073709551615", "18446744073709551614")]
    [InlineData("\"valueTwo\":0", "\"valueTwo\":1")]
    [InlineData("\"index\":0,", "\"index\":1,")]
    [InlineData("\"flags\":[]", "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]")]
    [InlineData("\"flags\":[]", "\"listenerPath\":\"/run/x\"")]
    [InlineData("\"flags\":[]", "\"x\":\"a\\\"b\"")]
    [InlineData("\"flags\":[]", "\"flags\":[true]")]
    [InlineData("\"flags\":[]", "\"flags\":[[\"a\"]]")]
    [InlineData("[\"SCMP_ARCH_X86_64\"]", "[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X32\"]")]
    public void WhatRuntimesReadDifferentlyIsAnother(string before, string after) => Assert.NotEqual(Of(Profile), Of(Changed(before, after)));

    [Fact]
    public void TheOrderOfRulesCounts()
    {
        JsonNode profile = JsonNode.Parse(Profile)!;
        JsonArray rules = profile["syscalls"]!.AsArray();
        JsonNode first = rules[0]!;
        rules.RemoveAt(0);
        rules.Add(first);
        Assert.NotEqual(Of(Profile), Of(profile.ToJsonString()));
    }

    [Fact]
    public void AShippedProfileWrittenAnewKeepsItsDigestAndLosesItWithAnyCall()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root, "profiles/seccomp"), "*.json"))
        {
            string text = File.ReadAllText(file);
            JsonNode profile = JsonNode.Parse(text)!;
            Assert.Equal(Of(text), Of(profile.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })));
            foreach (JsonNode? rule in profile["syscalls"]!.AsArray())
            {
                JsonArray names = rule!["names"]!.AsArray();
                for (int i = 0; i < names.Count; i += 7)
                {
                    JsonNode name = names[i]!;
                    names.RemoveAt(i);
                    Assert.NotEqual(Of(text), Of(profile.ToJsonString()));
                    names.Insert(i, name);
                }
            }
        }
    }

    [Fact]
    public void AnyProfileWrittenAnewKeepsItsDigestAndAnEnginesToo()
    {
        string[] profiles =
        [
            .. Enumerable.Range(0, 2000).Select(static seed => new SeccompMaker(new Random(seed)).Profile()),
            JsonNode.Parse(Repository.Bundle("containerd-1.6-seccomp/config"))!["linux"]!["seccomp"]!.ToJsonString(),
        ];
        foreach (string profile in profiles)
        {
            string anew = JsonNode.Parse(profile)!.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
            Assert.True(Of(profile) == Of(anew), $"{profile}\nwritten anew:\n{anew}");
        }

        Assert.InRange(profiles.Select(Of).Distinct().Count(), profiles.Distinct().Count() * 9 / 10, profiles.Length);
    }

    [Fact]
    public void HalfASurrogatePairHasADigestToo() => Assert.NotEqual(Of("""{"a":"\ud800"}"""), Of("""{"a":"\ud801"}"""));

    private static string Changed(string before, string after)
    {
        Assert.Contains(before, Profile, StringComparison.Ordinal);
        return Profile.Replace(before, after, StringComparison.Ordinal);
    }

    private static string Of(string json) => SeccompDigest.Of(Encoding.UTF8.GetBytes(json));
}
