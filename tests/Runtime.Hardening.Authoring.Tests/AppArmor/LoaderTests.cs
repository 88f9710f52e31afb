using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.AppArmor.Kernel;

namespace Runtime.Hardening.Authoring.Tests.AppArmor;

/// <summary>What is loaded, and above all what is never taken out of the kernel.</summary>
public sealed class LoaderTests : IDisposable
{
    private const string Old = "hardened-web-00000001", New = "hardened-web-00000002";

    private readonly FakeKernel _kernel = new();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void WhatTheKernelLacksIsLoadedOnceAndWhatItHasIsLeftAlone()
    {
        _kernel.Has(Old, digest: "aaaa");
        LoadedDigests.Read(_kernel.LoadedPath).Write([Old], KernelProfile.All(_kernel.Host));
        Assert.Equal([(New, LoadOutcome.Loaded), (Old, LoadOutcome.Unchanged)], Load(Old, New, New).OrderByDescending(step => step.Item1));
        Assert.Equal($"--replace --skip-cache profile {New} {{}}\n", _kernel.Given);
        Assert.Equal([(New, LoadOutcome.Unchanged), (Old, LoadOutcome.Unchanged)], Load(Old, New).OrderByDescending(step => step.Item1));
        Assert.Equal($"--replace --skip-cache profile {New} {{}}\n", _kernel.Given);
    }

    [Fact]
    public void ADryRunCompilesAndChangesNothing()
    {
        Assert.Equal([(New, LoadOutcome.Loaded)], [.. _kernel.Loader.Load([Text(New)], isDryRun: true).Select(step => (step.Name, step.Outcome))]);
        Assert.StartsWith("--skip-kernel-load --skip-cache ", _kernel.Given, StringComparison.Ordinal);
        Assert.False(File.Exists(_kernel.LoadedPath));
    }

    [Theory]
    [InlineData("complain")]
    [InlineData("unconfined")]
    public void AProfileThatDeniesNothingIsLoadedAgain(string mode)
    {
        _kernel.Has(New, mode);
        LoadStep step = Assert.Single(_kernel.Loader.Load([Text(New)], isDryRun: false));
        Assert.Equal((LoadOutcome.Mended, $"in {mode} mode, which denies nothing"), (step.Outcome, step.Reason));
    }

    [Fact]
    public void AnotherTextUnderTheSameNameIsSeenByTheKernelsDigest()
    {
        _kernel.Has(New, digest: "bbbb");
        LoadedDigests.Read(_kernel.LoadedPath).Write([New], KernelProfile.All(_kernel.Host));
        Assert.Equal(LoadOutcome.Unchanged, Assert.Single(_kernel.Loader.Load([Text(New)], isDryRun: true)).Outcome);
        File.WriteAllText(Path.Combine(_kernel.Host.Folder, $"policy/profiles/{New}.1/sha1"), "cccc\n");
        Assert.Equal((LoadOutcome.Mended, "replaced by another text since it was loaded (the kernel's digest was bbbb and is cccc)"),
            _kernel.Loader.Load([Text(New)], isDryRun: true).Select(step => (step.Outcome, step.Reason)).Single());
    }

    [Fact]
    public void AProfileOfOurNameThatWeDidNotLoadIsLoadedOnceMoreAndThenLeftAlone()
    {
        _kernel.Has(New, digest: "aaaa");
        LoadStep step = Assert.Single(_kernel.Loader.Load([Text(New)], isDryRun: false));
        Assert.Equal((LoadOutcome.Mended, "in the kernel, and hardenctl has not noted that it loaded it since the boot, so its text is not known"), (step.Outcome, step.Reason));
        Assert.Equal(LoadOutcome.Unchanged, Assert.Single(_kernel.Loader.Load([Text(New)], isDryRun: false)).Outcome);
    }

    [Fact]
    public void ALoadThatEndedBeforeItNotedAnythingIsMadeGoodByTheNext()
    {
        Load(Old, New);
        File.Delete(_kernel.LoadedPath);
        Assert.Equal([(New, LoadOutcome.Mended), (Old, LoadOutcome.Mended)], Load(Old, New).OrderByDescending(step => step.Item1));
        File.WriteAllText(_kernel.LoadedPath, "{\"hardened-web-00000001\":");
        Assert.Equal([(New, LoadOutcome.Mended), (Old, LoadOutcome.Mended)], Load(Old, New).OrderByDescending(step => step.Item1));
        Assert.Equal([(New, LoadOutcome.Unchanged), (Old, LoadOutcome.Unchanged)], Load(Old, New).OrderByDescending(step => step.Item1));
    }

    [Fact]
    public void WhereTheNoteCannotBeWrittenTheProfileIsLoadedAllTheSameAndThatIsSaid()
    {
        AppArmorLoader loader = new(_kernel.Host, Path.Combine(_kernel.Host.Switch, "no-folder/apparmor-loaded.json"));
        LoadStep step = Assert.Single(loader.Load([Text(New)], isDryRun: false));
        Assert.Equal(LoadOutcome.Loaded, step.Outcome);
        Assert.Contains("not loaded; that it was loaded could not be noted in '", step.Reason, StringComparison.Ordinal);
        Assert.True(_kernel.Host.Enforces(New));
    }

    [Fact]
    public void ManyLoadsAtOnceLeaveAProfileAndANoteOfIt()
    {
        Parallel.For(0, 8, _ => Load(Old, New));
        Assert.Equal([(New, LoadOutcome.Unchanged), (Old, LoadOutcome.Unchanged)], Load(Old, New).OrderByDescending(step => step.Item1));
    }

    [Fact]
    public void WithoutSecurityfsItIsSaidWhatToMount()
    {
        AppArmorLoader loader = new(_kernel.Host with { Folder = Path.Combine(_kernel.Host.Folder, "nothing") }, _kernel.LoadedPath);
        Assert.Contains("mount -t securityfs", Assert.Throws<IOException>(() => loader.Load([Text(New)], isDryRun: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AParserThatReadsNothingAndDoesNotEndIsGivenUp()
    {
        string parser = Path.Combine(Path.GetDirectoryName(_kernel.Host.Switch)!, "hangs");
        File.WriteAllText(parser, "#!/bin/sh\nexec sleep 60\n");
        File.SetUnixFileMode(parser, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string? said = AppArmorParser.Run(parser, new string('x', 1 << 20), TimeSpan.FromMilliseconds(300));
        Assert.StartsWith($"{parser} did not end within 0 s", said, StringComparison.Ordinal);
        Assert.EndsWith(": simplify those paths of the description, or take it away", said, StringComparison.Ordinal);
    }

    [Fact]
    public void TheUnitWaitsForSeveralProfilesThatCompileForEverAndForTheOnesBehindThem()
    {
        string[] unit = File.ReadAllLines(Path.Combine(Repository.Root, "packaging/systemd/hardening-apparmor.service"));
        string time = Assert.Single(unit, line => line.StartsWith("TimeoutStartSec=", StringComparison.Ordinal)).Split('=')[1];
        Assert.InRange(int.Parse(time, System.Globalization.CultureInfo.InvariantCulture), 10 * AppArmorParser.Patience.TotalSeconds, 600);
    }

    [Fact]
    public void AParserThatCannotBeRunIsSaidToBeWhy()
    {
        string parser = Path.Combine(Path.GetDirectoryName(_kernel.Host.Switch)!, "no-program");
        File.WriteAllText(parser, "");
        Assert.Contains($"'{parser}' cannot be run: ", Assert.Throws<IOException>(() => AppArmorParser.Check(parser, "")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatTheParserRefusesIsSaidInItsWordsAndTheOthersAreLoaded()
    {
        IReadOnlyList<LoadStep> steps = _kernel.Loader.Load([new AppArmorText(Old, "broken"), Text(New)], isDryRun: false);
        Assert.Equal([(LoadOutcome.Failed, "syntax error in line 3"), (LoadOutcome.Loaded, "not loaded")], [.. steps.Select(step => (step.Outcome, step.Reason))]);
    }

    [Fact]
    public void WithoutTheParserItIsSaidWhatIsMissing()
    {
        AppArmorLoader loader = new(_kernel.Host with { Parser = null }, _kernel.LoadedPath);
        Assert.Equal((LoadOutcome.Failed, AppArmorHost.NoParser), loader.Load([Text(New)], isDryRun: false).Select(step => (step.Outcome, step.Reason)).Single());
        _kernel.Has(New);
        LoadedDigests.Read(_kernel.LoadedPath).Write([New], KernelProfile.All(_kernel.Host));
        Assert.Equal(LoadOutcome.Unchanged, Assert.Single(loader.Load([Text(New)], isDryRun: false)).Outcome);
    }

    [Theory]
    [InlineData("unconfined", "", LoadOutcome.Removed)]
    [InlineData(Old + " (enforce)", "", LoadOutcome.Kept)]
    [InlineData(Old + " (enforce)\n", "", LoadOutcome.Kept)]
    [InlineData("own//&" + Old + " (enforce)", "", LoadOutcome.Kept)]
    [InlineData(Old + "//&own (mixed)", "", LoadOutcome.Kept)]
    [InlineData(Old + "//child (enforce)", "", LoadOutcome.Kept)]
    [InlineData("unconfined", Old, LoadOutcome.Kept)]
    [InlineData("unconfined", "&" + Old, LoadOutcome.Kept)]
    [InlineData(Old + "0 (enforce)", "", LoadOutcome.Removed)]
    [InlineData("x" + Old + " (enforce)", "", LoadOutcome.Removed)]
    public void AVersionThatAProcessIsUnderOrWillBeStays(string current, string exec, LoadOutcome expected)
    {
        _kernel.Has(Old);
        _kernel.Runs(1, "unconfined");
        _kernel.Runs(77, current, exec);
        LoadStep step = Assert.Single(_kernel.Loader.RemoveUnneeded(new HashSet<string>(), isDryRun: false));
        Assert.Equal((Old, expected), (step.Name, step.Outcome));
        Assert.Equal(expected == LoadOutcome.Removed ? Old : "", _kernel.Removed);
        Assert.Equal(expected == LoadOutcome.Removed ? "nobody uses or names it" : "used by process 77", step.Reason);
    }

    [Fact]
    public void OnlyWhatIsOursByNameAndNobodyNamesIsEverRemoved()
    {
        _kernel.Has(Old);
        _kernel.Has(New);
        Assert.Equal([(Old, LoadOutcome.Removed)], [.. _kernel.Loader.RemoveUnneeded(new HashSet<string> { New }, isDryRun: false).Select(step => (step.Name, step.Outcome))]);
        Assert.Equal([(New, LoadOutcome.Kept), (Old, LoadOutcome.Kept)], _kernel.Loader.RemoveUnneeded(null, isDryRun: false).Select(step => (step.Name, step.Outcome)).OrderByDescending(step => step.Name));
    }

    [Fact]
    public void ADryRunRemovesNothing()
    {
        _kernel.Has(Old);
        Assert.Equal(LoadOutcome.Removed, Assert.Single(_kernel.Loader.RemoveUnneeded(new HashSet<string>(), isDryRun: true)).Outcome);
        Assert.Equal("", _kernel.Removed);
    }

    [Fact]
    public void AProcessThatEndsWhileItIsLookedAtKeepsNothing()
    {
        _kernel.Has(Old);
        _kernel.Runs(5, null);
        Directory.CreateDirectory(Path.Combine(_kernel.Host.Processes, "6"));
        Assert.Equal(LoadOutcome.Removed, Assert.Single(_kernel.Loader.RemoveUnneeded(new HashSet<string>(), isDryRun: true)).Outcome);
    }

    private static AppArmorText Text(string name) => new(name, $"profile {name} {{}}");

    private (string, LoadOutcome)[] Load(params string[] names) => [.. _kernel.Loader.Load(names.Select(Text), isDryRun: false).Select(step => (step.Name, step.Outcome))];
}
