using System.Diagnostics;
using System.Text.Json;

namespace Runtime.Hardening.Cli.Tests;

public sealed class PolicyCommandTests : IDisposable
{
    private readonly Hardenctl _ctl = new();

    public void Dispose() => _ctl.Dispose();

    [Fact]
    public void LintOfACleanFolderSaysSoOnStderrAndNothingOnStdout()
    {
        _ctl.WritePolicy("web", "  extends: [restricted]");
        (int exit, string output, string error) = _ctl.Run("policy", "lint");
        Assert.Equal((0, "", "1 file, 1 policy: 0 errors, 0 warnings.\n"), (exit, output, error));
    }

    [Fact]
    public void LintReportsAWrongFieldWithFileLineAndColumn()
    {
        string file = _ctl.WritePolicy("web", "  capabilites: {keep: []}");
        (int exit, string output, _) = _ctl.Run("policy", "lint", file);
        Assert.Equal(1, exit);
        Assert.StartsWith($"{file}:5:3: error: Unknown field 'capabilites'", output, StringComparison.Ordinal);
    }

    [Fact]
    public void LintAsJsonHasThePlaceInMembers()
    {
        _ctl.WritePolicy("web", "  mode: x");
        (int exit, string output, _) = _ctl.Run("policy", "lint", "-o", "json");
        JsonElement finding = Assert.Single(JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray());
        Assert.Equal((1, 5, 9, "unknown-value"), (exit, finding.GetProperty("line").GetInt32(), finding.GetProperty("column").GetInt32(), finding.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("policy", "lint", "/nonexistent.yaml")]
    [InlineData("policy", "apply", "/nonexistent")]
    [InlineData("policy", "apply")]
    [InlineData("policy", "nonsense")]
    [InlineData("policy", "lint", "--config", "/nonexistent.json")]
    [InlineData("policy", "lint", "--profiles", "/nonexistent")]
    [InlineData("policy", "explain", "/nonexistent.json")]
    [InlineData("policy", "rollback")]
    [InlineData("policy", "lint", "-o", "xml")]
    public void WhatCannotBeDoneEndsWith2AndASentenceOnStderr(params string[] arguments)
    {
        (int exit, _, string error) = _ctl.Run(arguments);
        (int findings, string output, _) = _ctl.Run([.. arguments, "-o", "table"]);
        Assert.Equal(2, exit);
        Assert.True(error.Length > 10 || output.Length > 10);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Equal(2, findings);
    }

    [Fact]
    public void AFolderWithoutPoliciesEndsWith2() => Assert.Equal(2, _ctl.Run("policy", "apply", _ctl["policies"]).Exit);

    [Fact]
    public void ApplyPrintsTheGenerationAndTheSecondTimeSaysUnchanged()
    {
        _ctl.WritePolicy("web", "  extends: [restricted]");
        (int exit, string output, string error) = _ctl.Run("policy", "apply", _ctl["policies"]);
        Assert.Equal(0, exit);
        Assert.Matches("^000001-[0-9a-f]{12}\n$", output);
        Assert.Contains("In force: generation 000001-", error, StringComparison.Ordinal);
        (exit, string again, error) = _ctl.Run("policy", "apply", _ctl["policies"]);
        Assert.Equal((0, output), (exit, again));
        Assert.Contains("Unchanged:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void ApplyOfAPolicyWhoseProfileIsMissingChangesNothing()
    {
        _ctl.WritePolicy("web", "  seccomp: {profile: restrictd}");
        (int exit, string output, string error) = _ctl.Run("policy", "apply", _ctl["policies"]);
        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("Did you mean 'restricted'?", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_ctl["store"]));
    }

    [Fact]
    public void ApplyToAStoreThatTheGroupMayWriteSaysTheFix()
    {
        _ctl.WritePolicy("web", "  noNewPrivileges: true");
        Directory.CreateDirectory(_ctl["store"]);
        File.SetUnixFileMode(_ctl["store"], (UnixFileMode)0b111_111_101);
        (int exit, _, string error) = _ctl.Run("policy", "apply", _ctl["policies"]);
        Assert.Equal(2, exit);
        Assert.Contains($"chmod go-w {_ctl["store"]}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void GenerationsListsWhatRollbackCanGoBackTo()
    {
        _ctl.WritePolicy("web", "  noNewPrivileges: true");
        _ctl.Run("policy", "apply", _ctl["policies"]);
        _ctl.WritePolicy("web", "  noNewPrivileges: true\n  mode: audit");
        _ctl.Run("policy", "apply", _ctl["policies"]);
        Assert.Equal(0, _ctl.Run("policy", "rollback").Exit);
        string[] lines = _ctl.Run("policy", "generations").Out.TrimEnd('\n').Split('\n');
        Assert.Equal(["generation\tcreated\tpolicies\tstate", "current", "previous"], [lines[0], lines[1].Split('\t')[^1], lines[2].Split('\t')[^1]]);
    }

    [Fact]
    public void ExplainShowsEachFieldBeforeAndAfterAndWhereItWasWritten()
    {
        string file = _ctl.WritePolicy("web", "  noNewPrivileges: true");
        (int exit, string output, _) = _ctl.Run("policy", "explain", _ctl.WriteSpec(1000), "--policies", _ctl["policies"]);
        Assert.Equal(0, exit);
        Assert.StartsWith("decision: allow\n", output, StringComparison.Ordinal);
        Assert.Contains($"process.noNewPrivileges\tabsent\ttrue\tweb\t{file}:5:20\n", output, StringComparison.Ordinal);
        Assert.Contains("hostname\ta b\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainOfARefusedContainerEndsWith1AndTheSentence()
    {
        _ctl.WritePolicy("web", "  require: {user: {nonRoot: true}}");
        (int exit, string output, _) = _ctl.Run("policy", "explain", _ctl.WriteSpec(0), "--policies", _ctl["policies"], "-o", "json");
        JsonElement root = JsonDocument.Parse(output).RootElement;
        Assert.Equal((1, "refuse"), (exit, root.GetProperty("decision").GetString()));
        Assert.Contains("policy 'web', require.user", root.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ExplainUsesTheGenerationInForceUnlessPoliciesAreNamed()
    {
        Assert.Contains("no current generation", _ctl.Run("policy", "explain", _ctl.WriteSpec(1)).Err, StringComparison.Ordinal);
        _ctl.WritePolicy("web", "  match: [{pods: [x]}]\n  noNewPrivileges: true");
        string generation = _ctl.Run("policy", "apply", _ctl["policies"]).Out.Trim();
        (int exit, string output, _) = _ctl.Run("policy", "explain", _ctl.WriteSpec(1));
        Assert.Equal(0, exit);
        Assert.StartsWith($"decision: unmatched\npolicies from: {generation}\n", output, StringComparison.Ordinal);
        Assert.Contains("web\tno\tthe engine gives no pod\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void DiffAgainstTheGenerationInForceListsFieldsAndForASpecDecisions()
    {
        _ctl.WritePolicy("web", "  noNewPrivileges: true");
        _ctl.Run("policy", "apply", _ctl["policies"]);
        Assert.Equal(0, _ctl.Run("policy", "diff", _ctl["policies"]).Exit);
        _ctl.WritePolicy("web", "  noNewPrivileges: true\n  mode: audit");
        (int exit, string output, _) = _ctl.Run("policy", "diff", _ctl["policies"]);
        Assert.Equal((1, "policy\tfield\tbefore\tafter\nweb\tmode\t\"enforce\"\t\"audit\"\n"), (exit, output));
        (exit, output, _) = _ctl.Run("policy", "diff", _ctl["policies"], "--spec", _ctl.WriteSpec(1));
        Assert.Equal(1, exit);
        Assert.Contains("process.noNewPrivileges\ttrue\t-\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReaderThatGoesAwayIsNoError()
    {
        for (int i = 0; i < 200; i++)
        {
            _ctl.WritePolicy($"p{i}", "  mode: x");
        }

        ProcessStartInfo start = new("/bin/sh", ["-c", $"\"$0\" policy lint | head -1; echo done", Path.Combine(AppContext.BaseDirectory, "hardenctl")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HARDENING_CONFIG"] = _ctl["hook.json"];
        using Process shell = Process.Start(start)!;
        Task<string> error = shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("done\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", await error, StringComparison.Ordinal);
    }
}
