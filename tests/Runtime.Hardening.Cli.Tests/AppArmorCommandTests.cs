using System.Text.Json;

namespace Runtime.Hardening.Cli.Tests;

/// <summary>hardenctl apparmor, run for real. What needs a kernel with AppArmor is in tests/vm, area apparmor.</summary>
public sealed class AppArmorCommandTests : IDisposable
{
    private const string SwitchedOff = "This host's kernel has AppArmor switched off, so no profile can be loaded and none confines anything.";

    private const string Header = "apiVersion: hardening/v1\nkind: AppArmorProfile\nmetadata: {name: hardened-x}\nspec:\n";

    private readonly Hardenctl _ctl = new();

    private static bool IsOn => File.Exists("/sys/module/apparmor/parameters/enabled") && File.ReadAllText("/sys/module/apparmor/parameters/enabled").StartsWith('Y');

    public void Dispose() => _ctl.Dispose();

    [Fact]
    public void RenderPrintsTheProfileAloneAndSaysOnStderrWhetherItWasCompiled()
    {
        (int exit, string output, string error) = _ctl.Run("apparmor", "render", _ctl["profiles/apparmor/hardened-web.yaml"]);
        Assert.Equal(0, exit);
        Assert.Matches("^# Rendered by hardenctl[^\n]*\nprofile hardened-web-[0-9a-f]{8} flags=\\(attach_disconnected,mediate_deleted\\) \\{\n(  [^\n]*,\n)+\\}\n$", output);
        Assert.Matches(File.Exists("/usr/sbin/apparmor_parser")
            ? "^hardened-web-[0-9a-f]{8}: checked by /usr/sbin/apparmor_parser.\n$" : "^hardened-web-[0-9a-f]{8}: not checked by a compiler, because apparmor_parser is not on this host; ", error);
        (_, string json, _) = _ctl.Run("apparmor", "render", "-o", "json", _ctl["profiles/apparmor/hardened-web.yaml"]);
        Assert.Equal(output, JsonDocument.Parse(json).RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public void RenderReadsTheStandardInput()
    {
        string file = _ctl["profiles/apparmor/hardened-web.yaml"];
        (int exit, string output, _) = _ctl.RunWith(File.ReadAllText(file), "apparmor", "render", "-");
        Assert.Equal((0, _ctl.Run("apparmor", "render", file).Out), (exit, output));
        Assert.StartsWith("-:1:1: error: ", _ctl.RunWith("a", "apparmor", "render", "-").Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apparmor render policies", "policies: error: This is a folder, expected a regular file. Name the file in it that is meant.")]
    [InlineData("seccomp eval policies --syscall read", "This is a folder, expected a regular file.")]
    [InlineData("seccomp eval <(echo) --syscall read", "This is a pipe, expected a regular file. Write what comes out of it into a file, or give '-'")]
    public void WhatIsNoFileIsCalledWhatItIs(string line, string expected)
        => Assert.Contains(expected, _ctl.Shell($"hardenctl {line}"), StringComparison.Ordinal);

    [Fact]
    public void RenderOfAPathWithALineBreakSaysWhereAndWritesNothing()
    {
        File.WriteAllText(_ctl["x.yaml"], "apiVersion: hardening/v1\nkind: AppArmorProfile\nmetadata: {name: hardened-x}\nspec:\n  files:\n    execute: [/x, \"/y\\n}\\nprofile z {\"]\n");
        (int exit, string output, string error) = _ctl.Run("apparmor", "render", _ctl["x.yaml"]);
        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith($"{_ctl["x.yaml"]}:6:19: error: The path '/y }} profile z {{' contains a line break", error, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was written: 1 error.\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apparmor", "render", "/nonexistent.yaml")]
    [InlineData("apparmor", "render")]
    [InlineData("apparmor", "unload")]
    [InlineData("apparmor", "load", "--profiles", "/nonexistent")]
    [InlineData("apparmor", "status", "--config", "/nonexistent.json")]
    public void WhatCannotBeDoneEndsWith2AndASentence(params string[] arguments)
    {
        (int exit, string output, string error) = _ctl.Run(arguments);
        Assert.Equal(2, exit);
        Assert.True(error.Length > 10 || output.Length > 10);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void OnAHostWithoutAppArmorEveryVerbSaysSo()
    {
        Assert.SkipWhen(IsOn, "this kernel has AppArmor; the emulated machine without it is tests/vm, area no-apparmor");
        Assert.Equal((2, "", $"hardenctl: {SwitchedOff}\n"), _ctl.Run("apparmor", "load"));
        Assert.Equal((1, "", $"{SwitchedOff}\n"), _ctl.Run("apparmor", "status"));
        (int exit, string json, string error) = _ctl.Run("apparmor", "status", "-o", "json");
        Assert.Equal((1, $"{SwitchedOff}\n", false), (exit, error, JsonDocument.Parse(json).RootElement.GetProperty("enabled").GetBoolean()));
    }

    [Theory]
    [InlineData("report", null, null)]
    [InlineData("refuse", "Every container of web is refused here.", "web")]
    public void NodeStatusSaysThatAppArmorIsOffAndWhoseContainersThatRefuses(string otherwise, string? problem, string? policy)
    {
        Assert.SkipWhen(IsOn, "this kernel has AppArmor; the emulated machine without it is tests/vm, area no-apparmor");
        Assert.SkipUnless(Environment.UserName == "root", "the store belongs to root");
        Assert.Equal(("switched off in this kernel", null), StatusRow());
        _ctl.WritePolicy("web", $"  apparmor: {{profile: hardened-web, otherwise: {otherwise}}}");
        Assert.Equal(0, _ctl.Run("policy", "apply", _ctl["policies"]).Exit);
        (string value, string? said) = StatusRow();
        Assert.Equal("switched off in this kernel; asked for by web", value);
        Assert.Equal(policy is null, said is null);
        Assert.StartsWith(problem ?? "", said ?? "", StringComparison.Ordinal);
    }

    public static TheoryData<string, string> HostileFiles => new()
    {
        { "\0apiVersion: hardening/v1\n", ":1:1: error: The control character U+0000" },
        { Header + "  files:\n    execute: [/x\0]\n", ":6:17: error: The control character U+0000" },
        { Header + "  files:\n    read: [\"/a\\0\\\" r,\\n  file,\\n  capability,\\n}\\n# \"]\n", ":6:12: error: The path '/a \" r,   file,   capability, } # ' contains the character U+0000, which" },
        { Header + "  files: {execute: [/x]}\n  mounts: [{type: tmpfs, at: \"/\\0\\\",\\n  file,\"}]\n", ":6:30: error: The path '/ \",   file,' contains the character U+0000, which" },
        { Header + "  files: {execute: [/x]}\n  include: [tunables/global]\n", ":6:3: error: Unknown field 'include'" },
        { Header + "  files: {execute: ['/x #include <abstractions/base>']}\n", ":5:21: error: The path '/x #include" },
        { Header + "  files: {execute: ['/@{HOME}/x']}\n", ":5:21: error: The path '/@{HOME}/x' contains '{'" },
        { Header + "  files: {execute: ['/{a,b}']}\n", ":5:21: error: The path '/{a,b}' contains '{'" },
        { Header + "  files: {execute: ['/x\" rwx,']}\n", ":5:21: error: The path '/x\" rwx,' contains '\"'" },
        { Header + "  files: {execute: [/a/../../etc/shadow]}\n", ":5:21: error: The path '/a/../../etc/shadow' has an empty, '.' or '..' part" },
        { Header + "  files: {execute: [/x], deny: [{paths: [\"/y\\u001b[2J\"], access: [read]}]}\n", ":5:42: error: The path '/y [2J' contains the character U+001B" },
        { Header.Replace("hardened-x", "\"hardened-x {\\n}\"", StringComparison.Ordinal) + "  files: {execute: [/x]}\n", ":3:18: error: 'hardened-x { }' is not a profile name" },
        { Header + "  files: {execute: [/x]}\n---\n" + Header + "  files: {execute: [/y]}\n", "error: The file holds 2 descriptions, expected one" },
        { Header + "  files: &a {execute: [/x], read: *a}\n", "error:" },
        { Header + "  files: {execute: [" + new string('[', 5000) + "\n", "error:" },
        { new string('x', (1024 * 1024) + 1), "error: The file has 1048577 bytes, and at most 1048576 are read." },
        { "", "error:" },
    };

    [Theory]
    [MemberData(nameof(HostileFiles))]
    public void AHostileDescriptionIsAFindingWithItsPlaceAndNothingIsWritten(string text, string expected)
    {
        File.WriteAllText(_ctl["x.yaml"], text);
        (int exit, string output, string error) = _ctl.Run("apparmor", "render", _ctl["x.yaml"]);
        Assert.Equal("", output);
        Assert.True(exit is 1 or 2, $"exit code {exit}");
        Assert.StartsWith(_ctl["x.yaml"], error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain(error, static c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void WhatIsNoFileIsSaidAndNothingWaitsForIt()
    {
        Directory.CreateDirectory(_ctl["folder"]);
        Assert.Equal(0, System.Diagnostics.Process.Start("mkfifo", _ctl["pipe"]) is { } make && make.WaitForExit(10000) ? make.ExitCode : -1);
        foreach (string path in (string[])["folder", "pipe", "nothing.yaml"])
        {
            (int exit, string output, string error) = _ctl.Run("apparmor", "render", _ctl[path]);
            Assert.Equal((2, ""), (exit, output));
            Assert.StartsWith($"{_ctl[path]}", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ADescriptionWithANulInAPathIsAnErrorOfPolicyLintAndIsNotApplied()
    {
        Directory.Delete(_ctl["profiles"]);
        Directory.CreateDirectory(_ctl["profiles/apparmor"]);
        File.WriteAllText(_ctl["profiles/apparmor/hardened-x.yaml"], Header + "  files: {read: [\"/a\\0\\\" r,\\n  file,\\n}\\n# \"]}\n");
        _ctl.WritePolicy("web", "  apparmor: {profile: hardened-x, otherwise: report}");
        foreach (string verb in (string[])["lint", "apply"])
        {
            (int exit, string output, string error) = _ctl.Run("policy", verb, _ctl["policies"]);
            Assert.NotEqual(0, exit);
            Assert.Matches("hardened-x.yaml:5:18: error: The path '/a \" r,   file, } # ' contains the character U\\+0000, which .* \\[bad-path\\]\n", output + error);
        }

        Assert.False(Directory.Exists(_ctl["store/generations"]));
    }

    [Fact]
    public void ApplyNamesTheExactVersionKeepsItsTextAndSaysWhereNothingCanConfine()
    {
        Assert.SkipUnless(Environment.UserName == "root", "the store belongs to root");
        _ctl.WritePolicy("web", "  apparmor: {profile: hardened-web, otherwise: report}");
        (int exit, string generation, string error) = _ctl.Run("policy", "apply", _ctl["policies"]);
        Assert.Equal(0, exit);
        if (!IsOn)
        {
            const string Words = "What that means for containers of the policies that ask for one: ";
            Assert.StartsWith($"{SwitchedOff} {Words}web: started without it, and a finding says so (otherwise: report).\n", error, StringComparison.Ordinal);
            _ctl.WritePolicy("asks", "  apparmor: {profile: hardened-web}");
            _ctl.WritePolicy("late", "  onError: passThrough\n  apparmor: {profile: hardened-web}");
            _ctl.WritePolicy("seen", "  mode: audit\n  apparmor: {profile: hardened-web, otherwise: refuse}");
            Assert.StartsWith($"{SwitchedOff} {Words}asks: refused, late: started without the whole policy (onError: passThrough), "
                + "seen: started without it, and a finding says so (mode audit), web: started without it, and a finding says so (otherwise: report).\n", _ctl.Run("policy", "apply", _ctl["policies"]).Err, StringComparison.Ordinal);
            foreach (string name in (string[])["asks", "late", "seen"])
            {
                File.Delete(_ctl[$"policies/{name}.yaml"]);
            }

            (_, generation, _) = _ctl.Run("policy", "apply", _ctl["policies"]);
        }

        string folder = _ctl[$"store/generations/{generation.Trim()}"];
        string version = Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(folder, "apparmor"))));
        Assert.Contains($"\"profile\":\"{version}\"", File.ReadAllText(Path.Combine(folder, "index.json")), StringComparison.Ordinal);
        Assert.Equal(_ctl.Run("apparmor", "render", _ctl["profiles/apparmor/hardened-web.yaml"]).Out, File.ReadAllText(Path.Combine(folder, "apparmor", version)));
    }

    private (string Value, string? Problem) StatusRow()
    {
        JsonElement row = JsonDocument.Parse(_ctl.Run("node", "status", "-o", "json").Out).RootElement.GetProperty("apparmor");
        return (row.GetProperty("value").GetString()!, row.GetProperty("problem").GetString());
    }
}
