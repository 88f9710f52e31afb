using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Runtime.Hardening.Cli.Inspection;

namespace Runtime.Hardening.Cli.Tests;

/// <summary>What the hook would stumble on, <c>node status</c> says before.</summary>
public sealed class NodeStatusTests : IDisposable
{
    private readonly Hardenctl _ctl = new();

    public void Dispose() => _ctl.Dispose();

    [Fact]
    public void ARuntimeThatLeadsToTheHookByALinkIsNamed()
    {
        Program("hardening-hook");
        File.CreateSymbolicLink(_ctl["runc"], _ctl["hardening-hook"]);
        Settings("runtime", _ctl["runc"]);
        Assert.Contains("is hardening-hook itself, so every container is refused. Name the real runc or crun as 'runtime' in hook.json.", Problem("runtime"), StringComparison.Ordinal);
    }

    [Fact]
    public void ARuntimeThatIsTheHookUnderAnotherNameIsNamed()
    {
        string hook = Program("the-hook"), link = _ctl["runc"];
        using (Process ln = Process.Start("ln", [hook, link]))
        {
            ln.WaitForExit();
        }

        Assert.Contains("is hardening-hook itself", ProgramCheck.ProblemOfRuntime(link, hook, "runtime"), StringComparison.Ordinal);
        Assert.Null(ProgramCheck.ProblemOfRuntime(link, Program("other-hook"), "runtime"));
    }

    [Fact]
    public void AProgramOfTheKernelsOwnFormatIsOne()
        => Assert.Null(ProgramCheck.ProblemOf("/bin/sleep"));

    [Fact]
    public void ARuntimeThatIsAFolderIsNamed()
    {
        Settings("runtime", Directory.CreateDirectory(_ctl["runc"]).FullName);
        Assert.Contains("is a folder, expected a regular file", Problem("runtime"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("passwd", "Name the real runc or crun as 'runtime' in hook.json.", "chmod")]
    [InlineData("crun-1.8", "chmod 0755 ", "Name the real")]
    public void AFileThatIsNotExecutableIsToBeMadeSoOnlyIfItsNameIsOneOfARuntime(string name, string advice, string other)
    {
        File.WriteAllText(_ctl[name], "#!/bin/sh\n");
        Settings("runtime", _ctl[name]);
        Assert.Contains("is not executable", Problem("runtime"), StringComparison.Ordinal);
        Assert.Contains(advice, Problem("runtime"), StringComparison.Ordinal);
        Assert.DoesNotContain(other, Problem("runtime"), StringComparison.Ordinal);
    }

    [Fact]
    public void ARuntimeThatTheKernelWouldNotStartIsNamed()
    {
        File.WriteAllText(Program("runc"), "exec runc\n");
        Settings("runtime", _ctl["runc"]);
        Assert.Contains("neither a program nor a script", Problem("runtime"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stateDirectory", "/proc/nope", "cannot be made, so containers that a policy would harden are refused")]
    [InlineData("stateDirectory", "/proc/sys", "cannot be written")]
    [InlineData("journal", "/proc/a/b", "decisions are not journaled")]
    public void AFolderThatCannotBeMadeOrWrittenIsNamed(string setting, string path, string expected)
    {
        Settings(setting, path);
        Assert.Contains(expected, Problem(setting), StringComparison.Ordinal);
    }

    [Fact]
    public void FoldersThatCanBeMadeAreNoProblemAndAreNotMade()
    {
        Assert.Equal(["", ""], [Problem("stateDirectory"), Problem("journal")]);
        Assert.False(Directory.Exists(_ctl["state"]));
        Assert.Empty(Directory.GetFileSystemEntries(_ctl.Folder, ".*"));
    }

    [Fact]
    public void SettingsBehindALinkAreNotTheHooks()
    {
        File.Move(_ctl["hook.json"], _ctl["real.json"]);
        File.CreateSymbolicLink(_ctl["hook.json"], "real.json");
        Assert.Contains("which the hook does not follow", Problem("settings"), StringComparison.Ordinal);
    }

    [Fact]
    public void APauseFileOfAnotherOwnerIsIgnoredAsByTheHook()
    {
        File.WriteAllText(_ctl["paused"], "");
        Chown("65534", _ctl["paused"]);
        Assert.Equal(("no", $"'{_ctl["paused"]}' is owned by uid 65534, so the hook ignores it. Run 'chown root {_ctl["paused"]}', or remove it."), Item("pause"));
    }

    [Fact]
    public void APauseFileThatOthersMayWriteIsIgnoredAsByTheHook()
    {
        File.WriteAllText(_ctl["paused"], "");
        File.SetUnixFileMode(_ctl["paused"], (UnixFileMode)0b110_110_100);
        Assert.Contains("writable by others (mode 0664), so the hook ignores it", Problem("pause"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("real")]
    [InlineData("nowhere")]
    public void APauseFileBehindALinkIsIgnoredAsByTheHookAndResumeRemovesIt(string target)
    {
        File.WriteAllText(_ctl["real"], "");
        File.CreateSymbolicLink(_ctl["paused"], target);
        Assert.Contains("is a symbolic link, so the hook ignores it", Problem("pause"), StringComparison.Ordinal);
        Assert.Equal(0, _ctl.Run("node", "resume").Exit);
        Assert.Equal(("no", ""), Item("pause"));
    }

    [Fact]
    public void AFifoInThePlaceOfThePauseFileHoldsNobodyUp()
    {
        Fifo("paused");
        Assert.Contains("is a pipe, so the hook ignores it", Problem("pause"), StringComparison.Ordinal);
        Assert.Equal(0, _ctl.Run("node", "pause", "--for", "5m", "--reason", "x").Exit);
        Assert.StartsWith("until ", Item("pause").Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2020-01-01", "no (it has ended)")]
    [InlineData("2920-01-01 10:00", "until 2920-01-01 10:00:00Z: ")]
    [InlineData("soon", "until it is removed: (the time 'soon' in the file is none)")]
    public void ATimeWrittenByHandIsReadAsTheHookReadsIt(string until, string expected)
    {
        File.WriteAllText(_ctl["paused"], $$"""{"until":"{{until}}"}""");
        Assert.Equal(expected, Item("pause").Value);
    }

    [Theory]
    [InlineData("hook.json", "node status")]
    [InlineData("hook.json", "policy lint")]
    [InlineData("store/current/index.json", "policy explain config.json")]
    [InlineData("store/current/index.json", "policy generations")]
    [InlineData("store/current/index.json", "policy apply policies")]
    [InlineData("store/current/index.json", "node status")]
    [InlineData("config.json", "policy explain config.json")]
    public async Task AFifoInThePlaceOfAFileIsNamedAndHoldsNobodyUp(string file, string command)
    {
        _ctl.WriteSpec(1000);
        _ctl.WritePolicy("web", "  noNewPrivileges: true");
        _ctl.Run("policy", "apply", _ctl["policies"]);
        File.Delete(_ctl[file]);
        Fifo(file);
        string[] words = [.. command.Split(' ').Select(w => w is "config.json" or "policies" ? _ctl[w] : w)];
        Task<(int Exit, string Out, string Err)> run = Task.Run(() => _ctl.Run(words), TestContext.Current.CancellationToken);
        if (await Task.WhenAny(run, Task.Delay(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)) != run)
        {
            await File.WriteAllTextAsync(_ctl[file], "{}", TestContext.Current.CancellationToken);   // lets it go on
            Assert.Fail($"'hardenctl {command}' waits for a writer of '{file}'");
        }

        // An apply needs nothing of a damaged generation: it writes the next one.
        (int exit, string output, string error) = await run;
        Assert.True(command.StartsWith("policy apply", StringComparison.Ordinal) ? exit == 0 : exit != 0 && (output + error).Contains("is a pipe, expected a regular file", StringComparison.Ordinal), output + error);
    }

    [Theory]
    [InlineData("absolute")]
    [InlineData("other name")]
    [InlineData("folder")]
    public void StatusAndExplainFindTheGenerationByWhateverTheHookFindsIt(string way)
    {
        string generation = Apply("web");
        File.Delete(_ctl["store/current"]);
        switch (way)
        {
            case "absolute":
                File.CreateSymbolicLink(_ctl["store/current"], _ctl[$"store/generations/{generation}"]);
                break;
            case "other name":
                Directory.Move(_ctl[$"store/generations/{generation}"], _ctl["store/mine"]);
                File.CreateSymbolicLink(_ctl["store/current"], "mine");
                break;
            default:
                Directory.Move(_ctl[$"store/generations/{generation}"], _ctl["store/current"]);
                break;
        }

        Assert.Equal(($"{generation}: web", ""), Item("generation"));
        (int exit, _, string error) = _ctl.Run("policy", "explain", _ctl.WriteSpec(1000));
        Assert.True(exit == 0, error);
        (exit, _, error) = _ctl.Run("policy", "apply", _ctl["policies"]);
        Assert.True(way == "folder" ? exit == 2 && error.Contains("expected a symbolic link", StringComparison.Ordinal) : exit == 0, error);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("damaged")]
    public void WhereOnlyTheGenerationBeforeIsUsableStatusAndExplainTakeIt(string current)
    {
        string first = Apply("web");
        string second = Apply("other");
        if (current == "gone")
        {
            File.Delete(_ctl["store/current"]);
        }
        else
        {
            File.WriteAllText(_ctl[$"store/generations/{second}/index.json"], "{}");
        }

        (string value, string problem) = Item("generation");
        Assert.Equal($"{first}: web", value);
        Assert.StartsWith("The current generation is unusable, so this one, the one before it, decides.", problem, StringComparison.Ordinal);
        (int exit, string output, string error) = _ctl.Run("policy", "explain", _ctl.WriteSpec(1000));
        Assert.Equal(0, exit);
        Assert.Contains($"policies from: {first}\n", output, StringComparison.Ordinal);
        Assert.Contains("The current generation is unusable", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "cannot be read")]
    [InlineData(false, "is damaged")]
    public void AProfileThatIsLostOrDamagedShowsInTheStatus(bool isLost, string expected)
    {
        _ctl.WritePolicy("web", "  seccomp: {profile: restricted}");
        Assert.Equal(0, _ctl.Run("policy", "apply", _ctl["policies"]).Exit);
        string profile = Assert.Single(Directory.GetFiles(_ctl["store/current/seccomp"]));
        if (isLost)
        {
            File.Delete(profile);
        }
        else
        {
            File.AppendAllText(profile, " ");
        }

        Assert.Contains(expected, Problem("generation"), StringComparison.Ordinal);
    }

    [Fact]
    public void ALinkToNothingAmongThePoliciesIsNamedWithItsTarget()
    {
        File.CreateSymbolicLink(_ctl["policies/web.yaml"], "../gone.yaml");
        (int exit, string output, _) = _ctl.Run("policy", "lint");
        Assert.Equal(2, exit);
        Assert.Contains("web.yaml' is a symbolic link to '../gone.yaml', which is not there", output, StringComparison.Ordinal);
    }

    private (string Value, string Problem) Item(string name)
    {
        (_, string output, string error) = _ctl.Run("node", "status", "-o", "json");
        Assert.True(output.Length > 0, error);
        JsonElement item = JsonDocument.Parse(output).RootElement.GetProperty(name);
        return (item.GetProperty("value").GetString()!, item.GetProperty("problem").GetString() ?? "");
    }

    private string Problem(string name) => Item(name).Problem;

    private string Apply(string policy)
    {
        Directory.Delete(_ctl["policies"], recursive: true);
        Directory.CreateDirectory(_ctl["policies"]);
        _ctl.WritePolicy(policy, "  noNewPrivileges: true");
        return _ctl.Run("policy", "apply", _ctl["policies"]).Out.Trim();
    }

    private void Settings(string name, string value)
    {
        JsonNode settings = JsonNode.Parse(File.ReadAllText(_ctl["hook.json"]))!;
        settings[name] = value;
        File.WriteAllText(_ctl["hook.json"], settings.ToJsonString());
    }

    private string Program(string name)
    {
        File.WriteAllText(_ctl[name], "#!/bin/sh\n");
        File.SetUnixFileMode(_ctl[name], (UnixFileMode)0b111_101_101);
        return _ctl[name];
    }

    private void Fifo(string name) => Start("mkfifo", _ctl[name]);

    private static void Chown(string owner, string path) => Start("chown", owner, path);

    private static void Start(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
