using System.Text.Json;

namespace Runtime.Hardening.Cli.Tests;

public sealed class NodeAndHelpTests : IDisposable
{
    private readonly Hardenctl _ctl = new();

    public void Dispose() => _ctl.Dispose();

    [Fact]
    public void PauseWritesTheFileThatTheHookReadsAndResumeRemovesIt()
    {
        Assert.Equal(0, _ctl.Run("node", "pause", "--for", "30m", "--reason", "INC-42 \"x\"").Exit);
        JsonElement pause = JsonDocument.Parse(File.ReadAllText(_ctl["paused"])).RootElement;
        Assert.Equal("INC-42 \"x\"", pause.GetProperty("reason").GetString());
        TimeSpan left = pause.GetProperty("until").GetDateTimeOffset() - DateTimeOffset.UtcNow;
        Assert.InRange(left, TimeSpan.FromMinutes(28), TimeSpan.FromMinutes(30));
        (int exit, string output, _) = _ctl.Run("node", "status");
        Assert.Equal(1, exit);
        Assert.Contains("INC-42 \"x\"\tContainers start without hardening.", output, StringComparison.Ordinal);
        Assert.Equal(0, _ctl.Run("node", "resume").Exit);
        Assert.False(File.Exists(_ctl["paused"]));
        Assert.Equal(0, _ctl.Run("node", "resume").Exit);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("0m")]
    [InlineData("-5m")]
    [InlineData("31d")]
    [InlineData("m")]
    [InlineData("99999999999d")]
    public void ADurationThatIsNoneIsRefused(string text)
    {
        (int exit, _, string error) = _ctl.Run("node", "pause", $"--for={text}", "--reason", "x");
        Assert.Equal(2, exit);
        Assert.Contains("is not a duration", error, StringComparison.Ordinal);
        Assert.False(File.Exists(_ctl["paused"]));
    }

    [Fact]
    public void StatusNamesSettingsThatOthersMayWrite()
    {
        File.SetUnixFileMode(_ctl["hook.json"], (UnixFileMode)0b110_110_110);
        (int exit, string output, _) = _ctl.Run("node", "status", "-o", "json");
        JsonElement settings = JsonDocument.Parse(output).RootElement.GetProperty("settings");
        Assert.Equal(1, exit);
        Assert.Contains($"chmod go-w {_ctl["hook.json"]}", settings.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void StatusShowsTheGenerationInForce()
    {
        _ctl.WritePolicy("web", "  noNewPrivileges: true");
        string generation = _ctl.Run("policy", "apply", _ctl["policies"]).Out.Trim();
        Assert.Contains($"generation\t{generation}: web\t\n", _ctl.Run("node", "status").Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policy lint")]
    [InlineData("policy apply")]
    [InlineData("policy rollback")]
    [InlineData("policy generations")]
    [InlineData("policy explain")]
    [InlineData("policy diff")]
    [InlineData("node pause")]
    [InlineData("node resume")]
    [InlineData("node status")]
    [InlineData("engine configure containerd")]
    [InlineData("engine restore containerd")]
    [InlineData("engine status")]
    [InlineData("apparmor render")]
    [InlineData("apparmor load")]
    [InlineData("apparmor status")]
    [InlineData("seccomp lint")]
    [InlineData("seccomp eval")]
    [InlineData("seccomp compare")]
    [InlineData("seccomp merge")]
    [InlineData("seccomp meet")]
    [InlineData("seccomp shrink")]
    [InlineData("seccomp resolve")]
    [InlineData("seccomp convert")]
    [InlineData("seccomp push")]
    [InlineData("seccomp pull")]
    [InlineData("completion")]
    public void HelpEndsWithExamplesThatBeginWithTheCommand(string command)
    {
        (int exit, string output, _) = _ctl.Run([.. command.Split(' '), "--help"]);
        Assert.Equal(0, exit);
        Assert.Contains($"Examples:\n  hardenctl {command}", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policy lint --outptu", "'--outptu' is not an option of 'lint'. Did you mean '--output'?")]
    [InlineData("policy lint --proflies x", "Did you mean '--profiles'?")]
    [InlineData("policy explain -z", "'-z' is not an option of 'explain'.")]
    [InlineData("policy explain config.json --engine crio", "'crio'")]
    [InlineData("policy rollback --to x", "--to 'x': expected the number of a generation")]
    [InlineData("engine configure containerd --dry-run --handler Hard_ened", "--handler 'Hard_ened': expected a DNS label")]
    [InlineData("engine configure containerd --dry-run --handler -x-", "expected a DNS label")]
    [InlineData("node pause --for 5m --reason \t", "--reason is empty")]
    public void AMistakeOnTheCommandLineIsNamed(string line, string expected)
    {
        (int exit, _, string error) = _ctl.Run(line.Split(' '));
        Assert.Equal(2, exit);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void CompletionScriptsAskTheProgram(string shell)
    {
        (int exit, string output, _) = _ctl.Run("completion", shell);
        Assert.Equal(0, exit);
        Assert.Contains("[suggest:", output, StringComparison.Ordinal);
        Assert.Contains("explain", _ctl.Run("[suggest:17]", "hardenctl policy ").Out, StringComparison.Ordinal);
    }
}
