using System.Text.RegularExpressions;

namespace Runtime.Hardening.Cli.Tests;

/// <summary>What the README tells a user to type does what it says: its policy and its commands are taken from the file itself.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private static readonly string s_root = Hardenctl.FindRoot();
    private static readonly string s_readme = File.ReadAllText(Path.Combine(s_root, "README.md"));
    private readonly Hardenctl _ctl = new();

    public void Dispose() => _ctl.Dispose();

    [Fact]
    public void ThePolicyAndEveryPolicyCommandWorkInTheirOrder()
    {
        File.WriteAllText(_ctl["policies/web.yaml"], Block("yaml", "name: web"));
        string[] commands =
        [
            .. CommandLine().Matches(Block("sh", "hardenctl policy lint")).Select(static match => match.Groups[1].Value.Trim()),
        ];
        Assert.Equal(["policy lint", "policy apply", "policy explain", "policy rollback"], commands.Select(static command => string.Join(' ', command.Split(' ')[..2])));

        _ctl.WritePolicy("first", "  extends: [node-default]");
        Assert.Equal(0, _ctl.Run("policy", "apply", _ctl["policies"]).Exit);   // so that there is a generation to roll back to
        File.Delete(_ctl["policies/first.yaml"]);
        foreach (string command in commands)
        {
            string[] words = command
                .Replace("/etc/hardening/policies", _ctl["policies"], StringComparison.Ordinal)
                .Replace("/path/to/config.json", Path.Combine(s_root, "tests/Fixtures/bundles/containerd-1.6-seccomp/config.json"), StringComparison.Ordinal)
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            (int exit, string output, string error) = _ctl.Run(words);
            Assert.True(exit == 0, $"'hardenctl {command}' ended with {exit}: {output}{error}");
        }
    }

    [Fact]
    public void TheTwoCommandsAndTheFilesItLinksToExist()
    {
        foreach (string name in (string[])["install.sh", "tests/run.sh", .. Link().Matches(s_readme).Select(static match => match.Groups[1].Value)])
        {
            string[] parts = name.Split('#');
            string path = Path.Combine(s_root, parts[0]);
            Assert.True(Path.Exists(path), $"README.md names '{name}', which is not there.");
            Assert.True(parts.Length == 1 || Headings(path).Contains(parts[1]), $"README.md names '{name}', and {parts[0]} has no such heading.");
        }
    }

    [Fact]
    public void ThePauseCommandWorks()
    {
        string command = PauseLine().Match(s_readme).Groups[1].Value;
        (int exit, _, string error) = _ctl.Run([.. command.Replace("\"...\"", "test", StringComparison.Ordinal).Split(' ')]);
        Assert.True(exit == 0, error);
        Assert.True(File.Exists(_ctl["paused"]));
    }

    [Fact]
    public void TheSessionWithProfilesPrintsWhatItShows()
    {
        string profiles = Path.Combine(s_root, "profiles/seccomp");
        string[] steps = Block("console", "hardenctl seccomp").Split("$ ", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["lint", "eval", "eval", "compare", "shrink", "compare"], steps.Where(static s => s.StartsWith("hardenctl", StringComparison.Ordinal)).Select(static s => s.Split(' ')[2]));
        foreach (string step in steps)
        {
            string[] parts = step.Split('\n', 2);
            (string command, string shown) = (parts[0].Replace("/usr/share/hardening/profiles/seccomp", profiles, StringComparison.Ordinal), parts[1]);
            if (command.StartsWith("cat ", StringComparison.Ordinal))
            {
                File.WriteAllText(_ctl[command.Split(' ')[1]], shown);   // what a user would have written
            }

            Assert.Equal(Words(shown), Words(_ctl.Shell(command)));
        }
    }

    // A table has tabs in a pipe, and stands in columns in the README.
    private static string Words(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex("""[ \t]+""")]
    private static partial Regex Blanks();

    // As the anchors of rendered Markdown are made.
    private static IEnumerable<string> Headings(string path)
        => File.ReadLines(path).Where(static line => line.StartsWith('#')).Select(static line => line.TrimStart('#', ' ').Replace(' ', '-').ToLowerInvariant());

    private static string Block(string language, string containing)
        => Fence().Matches(s_readme).Single(match => match.Groups[1].Value == language && match.Groups[2].Value.Contains(containing, StringComparison.Ordinal)).Groups[2].Value;

    [GeneratedRegex("""^```(\w+)\n(.*?)^```""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("""^(?:sudo )?hardenctl ([^#\n]+)""", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex("""\]\(([^)]+)\)""")]
    private static partial Regex Link();

    [GeneratedRegex("""`sudo hardenctl (node pause [^`]+)`""")]
    private static partial Regex PauseLine();
}
