namespace Runtime.Hardening.Cli.Tests;

public sealed class StreamsTests : IDisposable
{
    private readonly Hardenctl _ctl = new();

    public StreamsTests() => File.Copy(Path.Combine(Hardenctl.FindRoot(), "profiles/seccomp/web.json"), _ctl["web.json"]);

    public void Dispose() => _ctl.Dispose();

    [Theory]
    [InlineData("seccomp pull ./layout", "either --tag or --digest")]
    [InlineData("seccomp", "Required command")]
    [InlineData("polcy lint", "'polcy'")]
    public void AfterAMistakeOnTheCommandLineHelpGoesToStandardErrorAndNothingToStandardOutput(string line, string expected)
    {
        (int exit, string output, string error) = _ctl.Run(line.Split(' '));
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Contains("Usage:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void HelpThatWasAskedForGoesToStandardOutput()
    {
        (int exit, string output, string error) = _ctl.Run("seccomp", "pull", "--help");
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seccomp lint web.json", 0)]
    [InlineData("seccomp lint nosuch.json", 2)]
    [InlineData("seccomp eval nosuch.json --syscall read", 2)]
    [InlineData("seccomp pull ./layout", 2)]
    public void StandardErrorThatTakesNothingDoesNotChangeTheExitCode(string line, int expected)
    {
        foreach (string redirection in (string[])["2>/dev/full", "2>&-", "2</dev/null"])
        {
            Assert.EndsWith($"rc {expected}\n", _ctl.Shell($"hardenctl {line} {redirection}; echo rc $?"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("seccomp eval web.json --syscall read")]
    [InlineData("seccomp push web.json ./layout --tag v1")]
    [InlineData("seccomp convert web.json --to docker")]
    [InlineData("engine status")]
    [InlineData("--help")]
    public void StandardOutputThatTakesNothingIsNamedAsTheReason(string line)
    {
        Assert.Contains("hardenctl: Standard output cannot be written: No space left on device\nrc 2\n", _ctl.Shell($"hardenctl {line} >/dev/full; echo rc $? >&2"), StringComparison.Ordinal);
        Assert.Contains("hardenctl: Standard output cannot be written: it is closed, or open for reading only.\nrc 2\n", _ctl.Shell($"hardenctl {line} >&-; echo rc $? >&2"), StringComparison.Ordinal);
    }

    [Fact]
    public void WordsForClosedStreamsLandInNoFile()
    {
        _ctl.WritePolicy("web", "  noNewPrivileges: true");
        Assert.Equal("rc 2\n", _ctl.Shell("hardenctl policy apply policies >&- 2>&-; echo rc $?"));   // the generation's name could not be said
        Assert.Equal("rc 2\n", _ctl.Shell("hardenctl seccomp push web.json ./layout --tag v1 >&- 2>&-; echo rc $?"));
        Assert.Equal(0, _ctl.Run("policy", "lint", _ctl["policies"]).Exit);
        Assert.Contains("1 policy", _ctl.Shell("hardenctl policy generations | grep -q web && echo 1 policy"), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(_ctl["web.json"]), _ctl.Run("seccomp", "pull", _ctl["layout"], "--tag", "v1").Out);
    }

    [Theory]
    [InlineData("seccomp eval \u001b[31m\n.json --syscall read")]
    [InlineData("seccomp convert web.json --to kubernetes --name \u001b[31m\n")]
    [InlineData("seccomp pull layout --tag \u001b[31m\n")]
    [InlineData("seccomp compare web.json \u001b[31m\n.json")]
    [InlineData("policy lint --profiles \u001b[31m\n")]
    [InlineData("policy \u001b[31m\n")]
    public void NoMessageCarriesAnEscapeSequence(string line)
    {
        (_, string output, string error) = _ctl.Run([.. line.Split(' ').Select(word => word == "web.json" ? _ctl[word] : word)]);
        Assert.Contains("[31m", output + error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output + error);
        Assert.DoesNotContain("[31m\n", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheAnswerOfAComparisonIsOneLineWhateverTheFilesAreCalled()
    {
        string copy = _ctl["\u001b[31m\n.json"];
        File.Copy(_ctl["web.json"], copy);
        Assert.Equal($"{_ctl[" [31m .json"]} and {_ctl["web.json"]} do the same for every call.\n", _ctl.Run("seccomp", "compare", copy, _ctl["web.json"]).Out);
    }

    [Fact]
    public void WhatNobodyForesawIsOneLineAndCouldNotBeDone()
    {
        TextWriter before = Console.Error;
        using StringWriter error = new();
        Console.SetError(error);
        try
        {
            Assert.Equal(2, CommandGuard.Guard(static () => throw new InvalidOperationException("a\nb")));
        }
        finally
        {
            Console.SetError(before);
        }

        Assert.Equal("hardenctl: a mistake in hardenctl stopped this (InvalidOperationException: a b); please report it.\n", error.ToString());
    }
}
