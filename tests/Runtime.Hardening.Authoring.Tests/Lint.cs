using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Tests;

internal static class Lint
{
    public const string Header = "apiVersion: hardening/v1\nkind: Policy\nmetadata: {name: p}\nspec:\n";

    /// <summary>Lints texts as files a.yaml, b.yaml, ... against the shipped profiles.</summary>
    public static (PolicySet Set, LintReport Report) Texts(params string[] texts)
    {
        using TestFolder folder = new();
        string[] files = [.. texts.Select((text, i) => folder.Write($"{(char)('a' + i)}.yaml", text))];
        LintReport report = new();
        return (PolicySet.Load(files, Repository.Folders, report), report);
    }

    public static PolicySet Clean(params string[] texts)
    {
        (PolicySet set, LintReport report) = Texts(texts);
        Assert.Empty(report.Findings.Where(f => f.Severity == LintSeverity.Error).Select(f => f.ToString()));
        return set;
    }

    public static string Policy(string name, string spec) => $"apiVersion: hardening/v1\nkind: Policy\nmetadata: {{name: {name}}}\nspec:\n{spec}\n";
}
