using System.Diagnostics;
using System.Text;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Tests;

public class TextAndYamlTests
{
    private const string Good = Lint.Header + "  noNewPrivileges: true\n";

    [Fact]
    public void AByteOrderMarkDoesNotMoveColumns()
    {
        LintFinding finding = OnlyError([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("apiVersoin: hardening/v1\n" + Good)], "unknown-field");
        Assert.Equal((1, 1), (finding.Location.Line, finding.Location.Column));
    }

    [Fact]
    public void Utf16IsRefusedByName()
        => Assert.Contains("UTF-16", OnlyError([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Good)], "not-utf8").Message, StringComparison.Ordinal);

    [Fact]
    public void AByteThatIsNotUtf8IsFoundAtItsPlace()
    {
        LintFinding finding = OnlyError([.. Encoding.UTF8.GetBytes("a: é\nbc: "), 0xE9, (byte)'\n'], "not-utf8");
        Assert.Equal((2, 5), (finding.Location.Line, finding.Location.Column));
        Assert.Contains("0xE9", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AControlCharacterIsFoundAtItsPlace()
    {
        LintFinding finding = OnlyError(Encoding.UTF8.GetBytes("a: b\nc: d\0"), "control-character");
        Assert.Equal((2, 5), (finding.Location.Line, finding.Location.Column));
    }

    [Fact]
    public void AHugeFileIsRefusedWithoutReadingIt()
    {
        using TestFolder folder = new();
        using (FileStream file = File.Create(folder["big.yaml"]))
        {
            file.SetLength(50_000_000);
        }

        long before = GC.GetTotalAllocatedBytes();
        LintReport report = Run(folder["big.yaml"]);
        Assert.Equal("file-too-large", Assert.Single(report.Findings).Code);
        Assert.True(report.IsIncomplete);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 10_000_000);
    }

    [Fact]
    public void AFifoIsRefusedInsteadOfWaitingForAWriter()
    {
        using TestFolder folder = new();
        using (Process make = Process.Start("mkfifo", folder["pipe.yaml"]))
        {
            make.WaitForExit();
        }

        Assert.Contains("This is a pipe, expected a regular file.", Assert.Single(Run(folder["pipe.yaml"]).Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileIsAFinding() => Assert.Equal("unreadable-file", Assert.Single(Run("/nonexistent/x.yaml").Findings).Code);

    [Fact]
    public void AFolderWithoutPoliciesIsAFinding()
    {
        using TestFolder folder = new();
        folder.Write("readme.txt", "nothing");
        LintReport report = Run(folder.Path);
        Assert.Equal("no-policies", Assert.Single(report.Findings).Code);
        Assert.True(report.IsIncomplete);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    public void AFileWithoutADocumentIsAnError(string text)
        => Assert.Contains(Lint.Texts(text).Report.Findings, f => f.Code == "no-policies");

    [Fact]
    public void AnEmptyDocumentBetweenOthersIsAWarning()
        => Assert.Equal("empty-document", Assert.Single(Lint.Texts(Good + "---\n---\n" + Lint.Policy("q", "  noNewPrivileges: true")).Report.Findings).Code);

    [Fact]
    public void ATabAsIndentationIsASyntaxErrorInItsLine()
    {
        LintFinding finding = OnlyError(Encoding.UTF8.GetBytes(Lint.Header + "\tmode: audit\n"), "yaml-syntax");
        Assert.Equal((5, 1), (finding.Location.Line, finding.Location.Column));
        Assert.Contains("A tab indents this line", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DocumentsAfterABrokenOneAreStillRead()
    {
        (PolicySet set, LintReport report) = Lint.Texts(Good + "---\na: [\n---\n" + Lint.Policy("q", "  mode: wrong"));
        Assert.Equal(["yaml-syntax", "unknown-value"], report.Findings.Select(f => f.Code));
        Assert.Equal(13, report.Findings[1].Location.Line);
        Assert.Equal(["p", "q"], set.Policies.Select(p => p.Document.Name));
    }

    [Fact]
    public void AnAliasStandsForItsValue()
        => Assert.Equal(
            "[\"/a\"]",
            Lint.Clean(Lint.Header + "  paths: {mask: &x [/a], readOnly: *x}\n").Policies[0].Leaves["paths.readOnly"].Text);

    [Fact]
    public void AnAliasBombIsRefusedQuickly()
    {
        StringBuilder bomb = new("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++)
        {
            bomb.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        }

        Stopwatch watch = Stopwatch.StartNew();
        OnlyError(Encoding.UTF8.GetBytes(bomb.ToString()), "document-too-large");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void AnAliasToItselfIsAFinding() => OnlyError("a: &a [*a]\n"u8.ToArray(), "yaml-alias");

    [Fact]
    public void DeepNestingIsRefused() => OnlyError(Encoding.UTF8.GetBytes(new string('[', 5000)), "too-deep");

    [Fact]
    public void TagsAreRefused() => Assert.Contains(Lint.Texts(Lint.Header + "  mode: !!str audit\n").Report.Findings, f => f.Code == "yaml-tag");

    private static LintFinding OnlyError(byte[] bytes, string code)
    {
        using TestFolder folder = new();
        File.WriteAllBytes(folder["x.yaml"], bytes);
        return Run(folder["x.yaml"]).Findings.First(f => f.Code == code);
    }

    private static LintReport Run(string path)
    {
        LintReport report = new();
        PolicySet.Load([path], Repository.Folders, report);
        return report;
    }
}
