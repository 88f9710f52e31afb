using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Interop;
using Runtime.Hardening.Authoring.Seccomp.Artifacts;

namespace Runtime.Hardening.Authoring.Tests.Seccomp;

public sealed class ArtifactTests : IDisposable
{
    private const string ProfileType = "application/vnd.cncf.seccomp-profile.config.v1+json";
    private static readonly byte[] s_profile = Encoding.UTF8.GetBytes("{ \"defaultAction\": \"SCMP_ACT_ALLOW\" }\n");

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Layout => _folder["layout"];

    [Fact]
    public void TheLayoutIsWhatTheImageSpecificationSays()
    {
        string digest = Push("v1");
        Assert.Equal("{\"imageLayoutVersion\":\"1.0.0\"}", File.ReadAllText(Path.Combine(Layout, "oci-layout")));
        JObject index = JObject.Parse(File.ReadAllText(Path.Combine(Layout, "index.json")));
        JToken descriptor = Assert.Single(index["manifests"]!);
        Assert.Equal(
            ("application/vnd.oci.image.manifest.v1+json", digest, ProfileType, "v1"),
            ((string?)descriptor["mediaType"], (string?)descriptor["digest"], (string?)descriptor["artifactType"], (string?)descriptor["annotations"]!["org.opencontainers.image.ref.name"]));
        JObject manifest = JObject.Parse(File.ReadAllText(Blob(digest)));
        Assert.Equal((2, ProfileType, ProfileType), ((int)manifest["schemaVersion"]!, (string?)manifest["artifactType"], (string?)manifest["config"]!["mediaType"]));
        JToken layer = Assert.Single(manifest["layers"]!);
        Assert.Equal($"sha256:{Convert.ToHexStringLower(SHA256.HashData(s_profile))}", (string?)layer["digest"]);
        Assert.Equal(s_profile.Length, (int)layer["size"]!);
        Assert.All(Directory.EnumerateFiles(Path.Combine(Layout, "blobs/sha256")), static file => Assert.Equal(Path.GetFileName(file), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(Layout, "blobs/sha256")).Length);
    }

    [Fact]
    public void WhatWasPushedIsPulledByteForByteByTagAndByDigest()
    {
        string digest = Push("v1");
        Assert.Equal(s_profile, Pull("v1", null));
        Assert.Equal(s_profile, Pull(null, digest));
        Assert.Equal(digest, Push("v1"));
        Assert.Equal(digest, Push(null));
        Assert.Single(JObject.Parse(File.ReadAllText(Path.Combine(Layout, "index.json")))["manifests"]!);
    }

    [Fact]
    public void ATagMovesAndWhatHadItStaysReachableByItsDigest()
    {
        string first = Push("v1");
        string second = ProfileArtifacts.Push(Layout, "{\"defaultAction\":\"SCMP_ACT_LOG\"}"u8, "v1", new LintReport())!;
        Assert.NotEqual(first, second);
        Assert.Equal("{\"defaultAction\":\"SCMP_ACT_LOG\"}"u8, Pull("v1", null));
        Assert.Equal(s_profile, Pull(null, first));
    }

    [Fact]
    public void EntriesAndMembersOfOthersAreKept()
    {
        Push("v1");
        string file = Path.Combine(Layout, "index.json");
        JObject index = JObject.Parse(File.ReadAllText(file));
        index["annotations"] = new JObject(new JProperty("theirs", "kept"));
        ((JArray)index["manifests"]!).Add(JObject.Parse("{\"mediaType\":\"x/y\",\"digest\":\"sha256:00\",\"size\":1,\"theirs\":1.50}"));
        File.WriteAllText(file, index.ToString());
        Push("v2");
        JObject after = JObject.Parse(File.ReadAllText(file));
        Assert.Equal("kept", (string?)after["annotations"]!["theirs"]);
        Assert.Equal("sha256:00", (string?)after["manifests"]![1]!["digest"]);
        Assert.Equal(s_profile, Pull("v1", null));
        Assert.Equal(s_profile, Pull("v2", null));
    }

    [Theory]
    [InlineData("sha256:../../../etc/passwd")]
    [InlineData("sha256:..%2f..%2fetc%2fpasswd")]
    [InlineData("../../etc/passwd")]
    [InlineData("sha512:0000")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    public void ADigestThatIsAPathIsRefused(string digest)
    {
        Push("v1");
        Edit(index => index["manifests"]![0]!["digest"] = digest);
        Assert.Equal("bad-digest", Refused("v1"));
    }

    [Fact]
    public void AChangedBlobIsRefused()
    {
        string digest = Push("v1");
        string layer = (string)JObject.Parse(File.ReadAllText(Blob(digest)))["layers"]![0]!["digest"]!;
        File.WriteAllText(Blob(layer), "{ \"defaultAction\": \"SCMP_ACT_LOG  \" }\n");
        Assert.Equal("wrong-digest", Refused("v1"));
        Push("v1");   // which mends it
        Assert.Equal(s_profile, Pull("v1", null));
        File.AppendAllText(Blob(digest), " ");
        Assert.Equal("wrong-digest", Refused("v1"));
        File.Delete(Blob(digest));
        Assert.Equal("missing-blob", Refused("v1"));
    }

    [Fact]
    public void ATagOfTwoManifestsIsRefusedWithBothDigests()
    {
        string first = Push("v1");
        string second = ProfileArtifacts.Push(Layout, "{\"defaultAction\":\"SCMP_ACT_LOG\"}"u8, null, new LintReport())!;
        Edit(index => index["manifests"]!.Single(m => (string?)m["digest"] == second)["annotations"] = new JObject(new JProperty("org.opencontainers.image.ref.name", "v1")));
        LintReport report = new();
        Assert.Null(ProfileArtifacts.Pull(Layout, "v1", null, report));
        LintFinding finding = Assert.Single(report.Findings);
        Assert.Equal("ambiguous-tag", finding.Code);
        Assert.Contains($"the tag 'v1': {first}, {second}. Say which with --digest.", finding.Message, StringComparison.Ordinal);
        Assert.Equal(s_profile, Pull(null, first));
        Edit(index => ((JArray)index["manifests"]!).Add(index["manifests"]![0]!.DeepClone()));
        Edit(index => index["manifests"]![1]!.Remove());
        Assert.Equal(s_profile, Pull("v1", null));   // twice the same is no question
    }

    [Fact]
    public void WhatIsWrongWithABlobIsSaidInNumbers()
    {
        string digest = Push("v1");
        long length = new FileInfo(Blob(digest)).Length;
        Edit(index => index["manifests"]![0]!["size"] = 7);
        LintReport report = new();
        ProfileArtifacts.Pull(Layout, "v1", null, report);
        Assert.Contains($"has {length} bytes and the digest {digest}, expected 7 bytes and {digest}. The descriptor that names it is wrong", Assert.Single(report.Findings).Message, StringComparison.Ordinal);
        Edit(index => index["manifests"]![0]!["size"] = length);
        File.AppendAllText(Blob(digest), " ");
        report = new();
        ProfileArtifacts.Pull(Layout, "v1", null, report);
        Assert.Matches($"has {length + 1} bytes and the digest sha256:[0-9a-f]{{64}}, expected {length} bytes and {digest}. It was changed", Assert.Single(report.Findings).Message);
    }

    [Fact]
    public void AWrongSizeIsRefused()
    {
        Push("v1");
        Edit(index => index["manifests"]![0]!["size"] = 7);
        Assert.Equal("wrong-digest", Refused("v1"));
    }

    [Theory]
    [InlineData("{\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"},\"layers\":[]}", "not-a-profile")]
    [InlineData("{\"config\":{\"mediaType\":\"" + ProfileType + "\"},\"layers\":[]}", "not-a-profile")]
    [InlineData("{\"config\":{\"mediaType\":\"" + ProfileType + "\"},\"layers\":[{},{}]}", "not-a-profile")]
    [InlineData("{\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\"},\"artifactType\":\"x\",\"layers\":[{}]}", "not-a-profile")]
    [InlineData("{\"config\":7,\"layers\":[{}]}", "not-a-profile")]
    [InlineData("[]", "not-a-profile")]
    [InlineData("{", "json-syntax")]
    public void AManifestOfSomethingElseIsRefused(string manifest, string code)
    {
        Push("v1");
        string digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(manifest)))}";
        File.WriteAllText(Blob(digest), manifest);
        Edit(index =>
        {
            index["manifests"]![0]!["digest"] = digest;
            index["manifests"]![0]!["size"] = manifest.Length;
        });
        Assert.Equal(code, Refused("v1"));
    }

    [Fact]
    public void AnArtifactWithTheEmptyConfigIsKnownByItsArtifactType()
    {
        string digest = Push("v1");
        JObject manifest = JObject.Parse(File.ReadAllText(Blob(digest)));
        manifest["config"]!["mediaType"] = "application/vnd.oci.empty.v1+json";
        string text = manifest.ToString(), changed = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
        File.WriteAllText(Blob(changed), text);
        Edit(index => index["manifests"]![0]!.Replace(JObject.Parse($"{{\"digest\":\"{changed}\",\"size\":{Encoding.UTF8.GetByteCount(text)}}}")));
        Assert.Equal(s_profile, Pull(null, changed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("index.json")]
    [InlineData("oci-layout")]
    [InlineData("blobs")]
    [InlineData("blobs/sha256")]
    public void ALinkAnywhereInTheLayoutIsNotFollowed(string name)
    {
        Push("v1");
        string path = Path.Combine(Layout, name).TrimEnd('/');
        Move(path, _folder["moved"]);
        File.CreateSymbolicLink(path, _folder["moved"]);
        string[] before = All(_folder["moved"]);
        Assert.Throws<IOException>(() => Pull("v1", null));
        Assert.Throws<IOException>(() => Push("v2"));
        foreach (string end in (string[])["/", "/.", "//", "/x/.."])
        {
            Assert.Throws<IOException>(() => ProfileArtifacts.Pull(Layout + end, "v1", null, new LintReport()));
            Assert.Throws<IOException>(() => ProfileArtifacts.Push(Layout + end, s_profile, "v2", new LintReport()));
        }

        Assert.Equal(before, All(_folder["moved"]));
    }

    [Fact]
    public void ABlobThatIsALinkIsNotFollowed()
    {
        string digest = Push("v1");
        Move(Blob(digest), _folder["moved"]);
        File.CreateSymbolicLink(Blob(digest), _folder["moved"]);
        Assert.Throws<IOException>(() => Pull("v1", null));
    }

    [Fact]
    public void AFifoInTheLayoutDoesNotHangAnybody()
    {
        Push("v1");
        File.Delete(Path.Combine(Layout, "index.json"));
        using (Process fifo = Process.Start("mkfifo", Path.Combine(Layout, "index.json")))
        {
            fifo.WaitForExit();
        }

        Assert.Throws<IOException>(() => Pull("v1", null));
    }

    [Fact]
    public void WhatGoesWrongOnTheWayLeavesTheTagWhereItWas()
    {
        string digest = Push("v1");
        string before = File.ReadAllText(Path.Combine(Layout, "index.json"));
        Directory.Delete(Path.Combine(Layout, "blobs"), recursive: true);
        File.WriteAllText(Path.Combine(Layout, "blobs"), "in the way");
        Assert.Throws<IOException>(() => ProfileArtifacts.Push(Layout, "{\"defaultAction\":\"SCMP_ACT_LOG\"}"u8, "v1", new LintReport()));
        Assert.Equal(before, File.ReadAllText(Path.Combine(Layout, "index.json")));
        Assert.Contains(digest, before, StringComparison.Ordinal);
        Assert.Equal(["blobs", "index.json", "oci-layout"], All(Layout));
    }

    [Theory]
    [InlineData("index.json", "{", "json-syntax")]
    [InlineData("index.json", "[]", "wrong-type")]
    [InlineData("index.json", "{\"manifests\":[7]}", "wrong-type")]
    [InlineData("oci-layout", "{\"imageLayoutVersion\":\"2.0.0\"}", "no-layout")]
    public void AFolderThatIsNoLayoutIsNotTouched(string file, string text, string code)
    {
        Push("v1");
        File.WriteAllText(Path.Combine(Layout, file), text);
        Assert.Equal(code, Refused("v1"));
        LintReport report = new();
        Assert.Null(ProfileArtifacts.Push(Layout, s_profile, "v2", report));
        Assert.Equal(code, report.Findings[0].Code);
        Assert.Equal(text, File.ReadAllText(Path.Combine(Layout, file)));
    }

    [Fact]
    public void ATagThatIsNotThereNamesThoseThatAre()
    {
        Push("web-1");
        LintReport report = new();
        Assert.Null(ProfileArtifacts.Pull(Layout, "web-2", null, report));
        Assert.Contains("Its tags: web-1. Did you mean 'web-1'?", Assert.Single(report.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APushWaitsForAnotherOneAndSaysSoWhenThatDoesNotEnd()
    {
        Push("v1");
        using (OpenFolder other = OpenFolder.Open(Layout, create: false)!)
        {
            other.Lock();
            Task<string> second = Task.Run(() => Push("v2"), TestContext.Current.CancellationToken);
            await Task.Delay(200, TestContext.Current.CancellationToken);
            Assert.False(second.IsCompleted);
            other.Dispose();
            Assert.StartsWith("sha256:", await second, StringComparison.Ordinal);
        }

        using OpenFolder third = OpenFolder.Open(Layout, create: false)!;
        third.Lock();
        Assert.Contains("and was for 2 s", Assert.Throws<IOException>(() => ProfileArtifacts.Push(Layout, s_profile, "v3", new LintReport())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ManyPushesAtOnceEitherSucceedOrSayThatTheyDidNot()
    {
        int[] made = new int[1];
        Parallel.For(0, 24, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            try
            {
                Assert.NotNull(ProfileArtifacts.Push(Layout, Encoding.UTF8.GetBytes($"{{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"n\":{i}}}"), $"v{i}", new LintReport()));
                Interlocked.Increment(ref made[0]);
            }
            catch (IOException e)
            {
                Assert.Contains("Another program is changing", e.Message, StringComparison.Ordinal);
            }
        });
        Assert.Equal(made[0], ((JArray)JObject.Parse(File.ReadAllText(Path.Combine(Layout, "index.json")))["manifests"]!).Count);
        Assert.True(made[0] > 0);
    }

    private string Push(string? tag)
    {
        LintReport report = new();
        string? digest = ProfileArtifacts.Push(Layout, s_profile, tag, report);
        Assert.Empty(report.Findings);
        return digest!;
    }

    private byte[] Pull(string? tag, string? digest)
    {
        LintReport report = new();
        byte[]? bytes = ProfileArtifacts.Pull(Layout, tag, digest, report);
        Assert.Empty(report.Findings);
        return bytes!;
    }

    private string Refused(string tag)
    {
        LintReport report = new();
        Assert.Null(ProfileArtifacts.Pull(Layout, tag, null, report));
        return Assert.Single(report.Findings).Code;
    }

    private void Edit(Action<JObject> change)
    {
        string file = Path.Combine(Layout, "index.json");
        JObject index = JObject.Parse(File.ReadAllText(file));
        change(index);
        File.WriteAllText(file, index.ToString());
    }

    private string Blob(string digest) => Path.Combine(Layout, "blobs/sha256", digest["sha256:".Length..]);

    private static void Move(string from, string to)
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to);
        }
    }

    private static string[] All(string folder)
        => Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(folder, p)).Order(StringComparer.Ordinal)] : [];
}
