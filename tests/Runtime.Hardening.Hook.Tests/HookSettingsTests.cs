using Runtime.Hardening.Profiles.Settings;

namespace Runtime.Hardening.Hook.Tests;

/// <summary>HARDENING_CONFIG is honoured only for a file that nobody but root could have put there. One class, because the variable is the process's.</summary>
public sealed class HookSettingsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(NodeSettings.Variable, null);
        _folder.Dispose();
    }

    [Fact]
    public void ATrustedFileIsHonouredAndNamed()
    {
        HookSettings settings = Load(_folder.Write("hook.json", "{\"runtime\":\"/x/runc\"}"u8));
        Assert.Equal("/x/runc", settings.Node.Runtime);
        Assert.Contains(_folder["hook.json"], settings.Remark, StringComparison.Ordinal);
        Assert.False(settings.IsBroken);
    }

    [Fact]
    public void AFileThatOthersCanWriteIsIgnored() => AssertIgnored(Load(_folder.Write("hook.json", "{\"runtime\":\"/x/runc\"}"u8, 0x1B6)), "writable by others");

    [Fact]
    public void AFolderThatOthersCanWriteIsIgnored()
    {
        string path = _folder.Write("open/hook.json", "{\"runtime\":\"/x/runc\"}"u8);
        File.SetUnixFileMode(_folder["open"], (UnixFileMode)0x1FF);
        AssertIgnored(Load(path), "writable by others");
    }

    [Fact]
    public void ASymbolicLinkOnTheWayIsIgnored()
    {
        _folder.Write("real/hook.json", "{\"runtime\":\"/x/runc\"}"u8);
        Directory.CreateSymbolicLink(_folder["link"], _folder["real"]);
        AssertIgnored(Load(_folder["link/hook.json"]), "symbolic link");
    }

    [Theory]
    [InlineData("hook.json")]
    [InlineData("/etc/../tmp/hook.json")]
    public void AnIndirectPathIsIgnored(string path) => AssertIgnored(Load(path), "not an absolute path");

    [Fact]
    public void AMissingFileIsIgnored() => AssertIgnored(Load(_folder["none.json"]), "opening");

    [Fact]
    public void BrokenSettingsLeaveEveryDefaultAndSaySo()
    {
        HookSettings settings = Load(_folder.Write("hook.json", "{\n\"runtme\":\"/x\"}"u8));
        Assert.True(settings.IsBroken);
        Assert.Equal(new NodeSettings().Runtime, settings.Node.Runtime);
        Assert.Contains("hook.json:2: 'runtme' is no setting", settings.Remark, StringComparison.Ordinal);
    }

    private static HookSettings Load(string path)
    {
        Environment.SetEnvironmentVariable(NodeSettings.Variable, path);
        return HookSettings.Load();
    }

    private static void AssertIgnored(HookSettings settings, string why)
    {
        Assert.NotEqual("/x/runc", settings.Node.Runtime);
        Assert.Equal(NodeSettings.DefaultPath, settings.Path);
        Assert.Contains("was ignored", settings.Remark, StringComparison.Ordinal);
        Assert.Contains(why, settings.Remark, StringComparison.Ordinal);
    }
}
