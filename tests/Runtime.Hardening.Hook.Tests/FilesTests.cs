using System.Text;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.Hook.Tests;

/// <summary>SpecFile, RecordStore, PolicyStore and Pause on a real folder.</summary>
public sealed class FilesTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0x1A4)]
    [InlineData(0x180)]
    [InlineData(0x1B6)]
    public void AReplacedSpecKeepsItsModeAndLeavesNothingBeside(int mode)
    {
        _folder.Write("config.json", "{}"u8, mode);
        using (SpecFile file = SpecFile.Open(_folder.Path, "config.json"))
        {
            Assert.Equal("{}"u8.ToArray(), file.Bytes);
            file.Replace("{\"a\":1}"u8);
        }

        Assert.Equal("{\"a\":1}", File.ReadAllText(_folder["config.json"]));
        Assert.Equal(mode, (int)File.GetUnixFileMode(_folder["config.json"]));
        Assert.Equal(["config.json"], _folder.Names());
    }

    [Fact]
    public void AReplacedSpecKeepsItsOwner()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can give a file away");
        _folder.Write("config.json", "{}"u8);
        Run("chown", "1234:2345", _folder["config.json"]);
        using (SpecFile file = SpecFile.Open(_folder.Path + "/", "config.json"))
        {
            file.Replace("{ }"u8);
        }

        Assert.Equal("1234:2345", Run("stat", "-c", "%u:%g", _folder["config.json"]));
    }

    [Fact]
    public void WhatIsNoPlainFileIsRefused()
    {
        _folder.Write("real", "{}"u8);
        File.CreateSymbolicLink(_folder["config.json"], _folder["real"]);
        Directory.CreateDirectory(_folder["folder"]);
        Run("mkfifo", _folder["fifo"]);
        Assert.Contains("symbolic link", Assert.Throws<Refusal>(() => SpecFile.Open(_folder.Path, "config.json")).Message, StringComparison.Ordinal);
        Assert.Contains("regular file", Assert.Throws<Refusal>(() => SpecFile.Open(_folder.Path, "folder")).Message, StringComparison.Ordinal);
        Assert.Contains("regular file", Assert.Throws<Refusal>(() => SpecFile.Open(_folder.Path, "fifo")).Message, StringComparison.Ordinal);
        Assert.Throws<Refusal>(() => SpecFile.Open(_folder.Path, "missing"));
        Assert.Throws<Refusal>(() => SpecFile.Open(_folder["nowhere"], "config.json"));
    }

    [Fact]
    public void ARecordIsFoundByRootAndIdAlone()
    {
        var store = new RecordStore(_folder["containers"]);
        store.Write(Record("c1"));
        Assert.Equal("allow", store.Find("/r", "c1")!.Decision);
        Assert.Null(store.Find("/other", "c1"));
        Assert.Null(store.Find("/r", "c2"));
        string path = Path.Combine(_folder["containers"], RecordKey.FileName("/r", "c1"));
        Assert.Equal(0x180, (int)File.GetUnixFileMode(path));
        File.Copy(path, Path.Combine(_folder["containers"], RecordKey.FileName("/r", "c2")));
        Assert.Contains("record of container 'c1'", Assert.Throws<HardeningFormatException>(() => store.Find("/r", "c2")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARecordThatOthersCouldWriteIsNotBelieved()
    {
        var store = new RecordStore(_folder["containers"]);
        store.Write(Record("c1"));
        File.SetUnixFileMode(Path.Combine(_folder["containers"], RecordKey.FileName("/r", "c1")), (UnixFileMode)0x1B6);
        Assert.Contains("writable by others", Assert.Throws<HardeningFormatException>(() => store.Find("/r", "c1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RepeatedExecsAreCountedAndNewDecisionsAreNot()
    {
        var store = new RecordStore(_folder["containers"]);
        store.Write(Record("c1"));
        Assert.Equal([false, true, true, false, true], new uint[] { 7, 7, 7, 9, 9 }.Select(decision => store.CountRepeatedExec("/r", "c1", decision)));
        string counter = Path.Combine(_folder["containers"], RecordKey.FileName("/r", "c1") + ".execs");
        Assert.Equal("00000009 0000000000000000002\n", File.ReadAllText(counter));
        store.Write(Record("c1"));
        Assert.False(File.Exists(counter));
    }

    [Fact]
    public void AGenerationIsReadBelowOneFolder()
    {
        MakeStore();
        using PolicyStore store = PolicyStore.Open(_folder["policy"], "current");
        Assert.Equal("000001-a", store.Index.Generation);
        byte[] profile = File.ReadAllBytes(_folder["policy/generations/000001-a/seccomp/p.json"]);
        Assert.Equal(profile, store.Read(new SeccompDemand("p", "seccomp/p.json", PolicyIndex.Checksum(profile))).ToArray());
        Assert.Contains("checksum", Assert.Throws<HardeningFormatException>(() => store.Read(new SeccompDemand("p", "seccomp/p.json", 1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policy", "775")]
    [InlineData("policy/generations", "775")]
    [InlineData("policy/generations/000001-a", "757")]
    [InlineData("policy/generations/000001-a/index.json", "664")]
    [InlineData("policy/generations/000001-a/index.json", "646")]
    public void AStoreThatOthersCouldWriteIsNotTrusted(string name, string mode)
    {
        MakeStore();
        Run("chmod", mode, _folder[name]);
        string message = Assert.Throws<HardeningFormatException>(() => PolicyStore.Open(_folder["policy"], "current")).Message;
        Assert.Contains("writable by others", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policy/generations/000001-a")]
    [InlineData("policy/generations/000001-a/index.json")]
    public void AStoreOfSomebodyElseIsNotTrusted(string name)
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can give a file away");
        MakeStore();
        Run("chown", "1234", _folder[name]);
        string message = Assert.Throws<HardeningFormatException>(() => PolicyStore.Open(_folder["policy"], "current")).Message;
        Assert.Contains("owned by uid 1234", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIndexBehindASymbolicLinkIsNotRead()
    {
        MakeStore();
        string index = _folder["policy/generations/000001-a/index.json"];
        File.Move(index, _folder["elsewhere"]);
        File.CreateSymbolicLink(index, _folder["elsewhere"]);
        Assert.ThrowsAny<HardeningFormatException>(() => PolicyStore.Open(_folder["policy"], "current"));
    }

    [Fact]
    public void ABrokenGenerationLeavesTheDecisionToTheOneBefore()
    {
        MakeStore();
        Directory.CreateDirectory(_folder["policy/generations/000002-b"]);
        File.CreateSymbolicLink(_folder["policy/previous"], "generations/000001-a");
        File.Delete(_folder["policy/current"]);
        File.CreateSymbolicLink(_folder["policy/current"], "generations/000002-b");
        PolicySource source = PolicySource.Open(Settings("builtin"), out _)!;
        Assert.Equal("000001-a", source.Generation);
        Assert.Contains("the current generation is unusable", source.Remark, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAnyGenerationTheSettingsDecide()
    {
        Assert.Equal(EmergencyPolicy.Generation, PolicySource.Open(Settings("builtin"), out _)!.Generation);
        Assert.Null(PolicySource.Open(Settings("passThrough"), out string why));
        Assert.Contains("no policy generation is usable", why, StringComparison.Ordinal);
        Assert.Contains("whenBroken: refuse", Assert.Throws<Refusal>(() => PolicySource.Open(Settings("refuse"), out _)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "hardening is paused on this node")]
    [InlineData("because", "paused on this node")]
    [InlineData("""{"until":"2026-11-22T20:00:01Z","reason":"upgrade"}""", "until 2026-11-22T20:00:01Z: upgrade")]
    [InlineData("""{"until":"2026-11-22T20:00:00Z"}""", null)]
    [InlineData("""{"until":"2026-11-22T21:00:00+02:00"}""", null)]
    [InlineData("""{"until":"tomorrow"}""", "until tomorrow")]
    [InlineData("""{"reason":"r"}""", "until it is resumed: r")]
    public void APauseHoldsUntilItsEnd(string content, string? sentence)
    {
        _folder.Write("paused", Encoding.UTF8.GetBytes(content));
        string? pause = Pause.InForce(_folder["hook.json"], s_now);
        Assert.True(sentence is null ? pause is null : pause?.Contains(sentence, StringComparison.Ordinal) == true, pause);
    }

    [Fact]
    public void APauseThatOthersCouldWriteIsNone()
    {
        Assert.Null(Pause.InForce(_folder["hook.json"], s_now));
        _folder.Write("paused", [], 0x1B6);
        Assert.Null(Pause.InForce(_folder["hook.json"], s_now));
    }

    private HookSettings Settings(string whenBroken)
        => new(Profiles.Settings.NodeSettings.Parse(
            Encoding.UTF8.GetBytes($$"""{"policyStore":"{{_folder["policy"]}}","whenBroken":"{{whenBroken}}"}"""), "hook.json"), _folder["hook.json"], "", false);

    private void MakeStore()
    {
        var index = new PolicyIndex("000001-a", s_now, [new Policy { Name = "p", NoNewPrivileges = true }]);
        _folder.Write("policy/generations/000001-a/index.json", index.Write());
        _folder.Write("policy/generations/000001-a/seccomp/p.json", "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}"u8);
        File.CreateSymbolicLink(_folder["policy/current"], "generations/000001-a");
    }

    private static ContainerRecord Record(string id) => new() { Id = id, Root = "/r", Bundle = "/b", Decision = "allow", Created = s_now };

    private static string Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
