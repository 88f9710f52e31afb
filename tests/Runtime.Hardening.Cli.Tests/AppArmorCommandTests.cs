using System.Text.Json;

namespace Runtime.Hardening.Cli.Tests;

/// <summary>hardenctl apparmor, run for real. What needs a kernel with AppArmor is in tests/vm, area apparmor.</summary>
public sealed class AppArmorCommandTests : IDisposable
{
    private const string SwitchedOff = "This host's kernel has AppArmor switched off, so no profile can be loaded and none confines anything.";

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

    [Fact]
    public void ApplyNamesTheExactVersionKeepsItsTextAndSaysWhereNothingCanConfine()
    {
        Assert.SkipUnless(Environment.UserName == "root", "the store belongs to root");
        _ctl.WritePolicy("web", "  apparmor: {profile: hardened-web, otherwise: report}");
        (int exit, string generation, string error) = _ctl.Run("policy", "apply", _ctl["policies"]);
        Assert.Equal(0, exit);
        if (!IsOn)
        {
            Assert.StartsWith($"{SwitchedOff} These policies ask for one, and their 'otherwise' or 'onError' decides: web.\n", error, StringComparison.Ordinal);
        }

        string folder = _ctl[$"store/generations/{generation.Trim()}"];
        string version = Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(folder, "apparmor"))));
        Assert.Contains($"\"profile\":\"{version}\"", File.ReadAllText(Path.Combine(folder, "index.json")), StringComparison.Ordinal);
        Assert.Equal(_ctl.Run("apparmor", "render", _ctl["profiles/apparmor/hardened-web.yaml"]).Out, File.ReadAllText(Path.Combine(folder, "apparmor", version)));
    }
}
