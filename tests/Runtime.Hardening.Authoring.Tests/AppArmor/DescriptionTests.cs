using CsCheck;
using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Authoring.Tests.AppArmor;

/// <summary>What may stand in a description, and that nothing in it becomes more profile text than it says.</summary>
public class DescriptionTests
{
    private const string Header = "apiVersion: hardening/v1\nkind: AppArmorProfile\nmetadata: {name: hardened-x}\nspec:\n";

    [Theory]
    [InlineData("[\"/a\\nb\"]", "bad-path", "a line break")]
    [InlineData("[\"/a\\\" rwx, /b\"]", "bad-path", "'\"'")]
    [InlineData("['/a\\b']", "bad-path", "'\\'")]
    [InlineData("[\"/a\\tb\"]", "bad-path", "a tab")]
    [InlineData("[\"/a\\0\\\" r,\\n  file,\\n  capability,\\n}\\n# \"]", "bad-path", "contains the character U+0000")]   // NUL hides nothing that follows it
    [InlineData("[\"/\\0\"]", "bad-path", "contains the character U+0000")]
    [InlineData("[\"\\0/a\"]", "bad-path", "relative")]
    [InlineData("[\"/a\\n\\0\"]", "bad-path", "a line break")]
    [InlineData("['/@{HOME}/x']", "bad-path", "'{'")]
    [InlineData("['@{HOME}/x']", "bad-path", "relative")]
    [InlineData("['/a{b,c}']", "bad-path", "'{'")]
    [InlineData("['/a #include <x>']", "bad-path", "'#'")]
    [InlineData("['#include <tunables/global>']", "bad-path", "relative")]
    [InlineData("['/${x}']", "bad-path", "'$'")]
    [InlineData("['/a[b/c]']", "bad-path", "brackets")]
    [InlineData("['/a[^]']", "bad-path", "brackets")]
    [InlineData("['/a***']", "bad-path", "three stars")]
    [InlineData("['/a[z-a]']", "bad-path", "Write a-z")]
    [InlineData("['/[0-9]/a[^b-dz-x]']", "bad-path", "Write x-z")]
    [InlineData("['/a/../b']", "bad-path", "'..'")]
    [InlineData("['/a//b']", "bad-path", "empty")]
    [InlineData("[a]", "bad-path", "relative")]
    [InlineData("[\"/a\\u202Eb\"]", "bad-path", "U+202E")]
    [InlineData("[\"/a\\u2028b\"]", "bad-path", "U+2028")]
    [InlineData("/a", "wrong-type", "a list of absolute paths")]
    public void APathThatCouldBeReadAsMoreThanAPathIsAFindingWhereItStands(string paths, string code, string part)
    {
        foreach ((string before, string after) in new[] { ("  files: {execute: ", "}"), ("  files: {execute: [/x], deny: [{access: [read], paths: ", "}]}") })
        {
            LintFinding finding = Assert.Single(Findings(Header + before + paths + after + "\n"));
            Assert.Equal((code, 5, paths[0] == '[' ? before.Length + 2 : before.Length + 1), (finding.Code, finding.Location.Line, finding.Location.Column));
            Assert.Contains(part, finding.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(finding.ToString(), c => char.IsControl(c) || c == '\u202E');
        }
    }

    [Theory]
    [InlineData("name: \"hardened-x {\\n}\"", "bad-name")]
    [InlineData("name: hardened-x//&y", "bad-name")]
    [InlineData("name: \"hardened-x\\0 {\"", "bad-name")]
    [InlineData("name: web", "bad-name")]
    [InlineData("name: hardened-", "bad-name")]
    [InlineData("name: hardened-web-3f9a0c21", "bad-name")]
    [InlineData("name: hardened-x, description: [a]", "wrong-type")]
    public void ANameThatIsNotOneOfOursIsAFinding(string metadata, string code)
    {
        LintFinding finding = Assert.Single(Findings(Header.Replace("name: hardened-x", metadata, StringComparison.Ordinal) + "  files: {execute: [/x]}\n"));
        Assert.Equal((code, 3), (finding.Code, finding.Location.Line));
    }

    [Theory]
    [InlineData("  network: {allow: [inet raw, ipv4]}", "unknown-network", "ipv4")]
    [InlineData("  network: {allow: [\"inet stream,\\n capability sys_admin\"]}", "unknown-network", "inet stream")]
    [InlineData("  network: {deny: [all]}", "unknown-network", "allow: all")]
    [InlineData("  capabilities: [SYS_ADMN]", "unknown-capability", "SYS_ADMIN")]
    [InlineData("  capabilities: [\"CHOWN,\\n mount\"]", "unknown-capability", "CHOWN")]
    [InlineData("  signals: {to: [\"x, mount\"]}", "bad-name", "The peer")]
    [InlineData("  signals: {from: ['@{profile_name}']}", "bad-name", "The peer")]
    [InlineData("  signals: {form: [x]}", "unknown-field", "Did you mean 'from'")]
    [InlineData("  ptrace: all", "unknown-value", "none, read, trace")]
    [InlineData("  mounts: [{type: tmpfs}]", "missing-field", "'at'")]
    [InlineData("  mounts: [{type: \"tmpfs,\\n\", at: /x}]", "bad-name", "The type")]
    [InlineData("  mounts: [{type: tmpfs, at: \"/x\\n\"}]", "bad-path", "a line break")]
    [InlineData("  mounts: [{type: tmpfs, at: \"/x\\0\\\",\\n  file,\\n\"}]", "bad-path", "contains the character U+0000")]
    [InlineData("  mounts: [{type: \"\\0,\\n\", at: /x}]", "bad-name", "The type")]
    [InlineData("  signals: {to: [\"\\0, mount\"]}", "bad-name", "The peer")]
    [InlineData("  capabilities: [\"\\0CHOWN\"]", "unknown-capability", "CHOWN")]
    [InlineData("  network: {allow: [\"\\0inet\"]}", "unknown-network", "inet")]
    [InlineData("  include: [x]", "unknown-field", "'include'")]
    [InlineData("  files2: {}", "unknown-field", "Did you mean 'files'")]
    [InlineData("  ptrace: none\n  ptrace: read", "duplicate-key", "stands twice")]
    public void WhatIsNoWordOfOursIsAFindingWithItsLine(string field, string code, string part)
    {
        LintFinding finding = Assert.Single(Findings(Header + "  files: {execute: [/x]}\n" + field + "\n"));
        Assert.Equal(code, finding.Code);
        Assert.True(finding.Location.Line >= 6);
        Assert.Contains(part, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("  ptrace: none\n", "nothing-to-execute")]
    [InlineData("  files: {read: [/**]}\n", "nothing-to-execute")]
    [InlineData("  files: {execute: [/x], deny: [{paths: [/x], access: []}]}\n", "empty-list")]
    [InlineData("  files: {execute: [/x], deny: [{paths: [/x], access: [exec]}]}\n", "unknown-value")]
    [InlineData("  files: {execute: [/x], deny: [{paths: [/x], access: [read], log: maybe}]}\n", "wrong-type")]
    [InlineData("  files: [/x]\n", "wrong-type")]
    public void AProfileUnderWhichNothingCouldBeRunOrMeantIsAFinding(string spec, string code)
        => Assert.Contains(Findings(Header + spec), finding => finding.Code == code);

    [Theory]
    [InlineData("  files: {execute: [/y, /bin/**], deny: [{paths: [/bin/**], access: [execute]}]}\n", "5:25", "'/bin/**' with 'execute'")]
    [InlineData("  files: {execute: [/y, /bin/sh], deny: [{paths: [/a, /bin/**], access: [read, execute]}]}\n", "5:25", "'/bin/**' with 'execute'")]
    [InlineData("  files: {execute: [/y], write: ['/a/*/b'], deny: [{paths: ['/a/**'], access: [write]}]}\n", "5:34", "'/a/**' with 'write'")]
    [InlineData("  files: {execute: [/y]}\n  network: {allow: [unix, inet stream], deny: [inet]}\n", "6:27", "'inet'")]
    [InlineData("  files: {execute: [/y]}\n  network: {allow: [unix], deny: [unix]}\n", "6:21", "'unix'")]
    public void WhatIsAllowedAndDeniedAllTheSameIsAWarningWhereItIsAllowed(string spec, string place, string part)
    {
        LintFinding finding = Assert.Single(Findings(Header + spec));
        Assert.Equal((LintSeverity.Warning, "denied-anyway", $"d.yaml:{place}"), (finding.Severity, finding.Code, $"{finding.Location}"));
        Assert.Contains(part, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("  files: {execute: [/bin/**], deny: [{paths: [/bin/**], access: [write]}]}\n")]
    [InlineData("  files: {execute: [/**], deny: [{paths: [/bin/**], access: [execute]}]}\n")]
    [InlineData("  files: {execute: [/y], read: [/bin/, /binary], deny: [{paths: [/bin/**], access: [read]}]}\n")]
    [InlineData("  files: {execute: [/y]}\n  network: {allow: [inet, inet6 stream], deny: [inet stream]}\n")]
    [InlineData("  files: {execute: [/y]}\n  network: {allow: all, deny: [inet]}\n")]
    [InlineData("  files: {execute: ['/a[a-z0-9]b-a']}\n")]
    public void ADenialThatLeavesSomethingIsNoContradiction(string spec) => Assert.Empty(Findings(Header + spec));

    [Fact]
    public void DeniedProgramsAloneAreNothingToExecute()
    {
        IReadOnlyList<LintFinding> findings = Findings(Header + "  files: {execute: [/bin/sh, /y], deny: [{paths: [/bin/**, /y], access: [execute]}]}\n");
        Assert.Equal(["denied-anyway", "denied-anyway", "nothing-to-execute"], findings.Select(static f => f.Code).Order(StringComparer.Ordinal));
        Assert.Equal("d.yaml:5:20", $"{findings.Single(static f => f.Severity == LintSeverity.Error).Location}");
    }

    [Fact]
    public void WhatAnotherFileDidWrongHidesNoMistakeOfThisOne()
    {
        LintReport report = new();
        using TestFolder folder = new();
        Assert.Null(AppArmorSource.Load(folder.Write("a.yaml", Header + "  files: {execute: [relative]}\n"), report));
        Assert.Null(AppArmorSource.Load(folder.Write("b.yaml", Header + "  files: {read: [/x]}\n"), report));
        Assert.Equal(["bad-path", "nothing-to-execute"], report.Findings.Select(finding => finding.Code));
    }

    [Theory]
    [InlineData("apiVersion: hardening/v1\nkind: Policy\nmetadata: {name: hardened-x}\nspec: {files: {execute: [/x]}}\n")]
    [InlineData("apiVersion: hardening/v2\nkind: AppArmorProfile\nmetadata: {name: hardened-x}\nspec: {files: {execute: [/x]}}\n")]
    [InlineData("kind: AppArmorProfile\nmetadata: {name: hardened-x}\nspec: {files: {execute: [/x]}}\n")]
    [InlineData("apiVersion: hardening/v1\nkind: AppArmorProfile\nmetadata: {name: hardened-x}\n")]
    [InlineData("apiVersion: hardening/v1\nkind: AppArmorProfile\nspec: {files: {execute: [/x]}}\n")]
    [InlineData("- a\n")]
    [InlineData("a: [\n")]
    public void ADocumentThatIsNoDescriptionIsAFinding(string text) => Assert.NotEmpty(Findings(text));

    [Fact]
    public void ADescriptionAmongThePoliciesIsSentToItsFolder()
        => Assert.Contains(Lint.Texts(Header + "  files: {execute: [/x]}\n").Report.Findings, finding => finding is { Code: "misplaced-document", Severity: LintSeverity.Error });

    [Fact]
    public void WhateverStandsInADescriptionTheTextHasOneProfileAndCompiles()
    {
        Assert.SkipUnless(Compiled.HasParser, Compiled.NoParser);
        Gen<string> piece = Gen.OneOf(
            Gen.OneOf("/", "/", "a", "*", "**", "?", "[0-9]", "[^a-f]", " ", "\n", "\"", "\\", "#include <x>", "@{PROC}", "}", "{a,b}", ",", "rwx,", "profile y {", "é", "\u0001", "..", "&", "%", "=", "x -> y", "//&"),
            Gen.Char[' ', '~'].Select(c => c.ToString()));
        Gen<string> path = piece.Array[1, 6].Select(pieces => "/" + string.Concat(pieces));
        int accepted = 0;
        path.Array[1, 3].Sample(
            paths =>
            {
                LintReport report = new();
                string quoted = string.Join(", ", paths.Select(p => System.Text.Json.JsonSerializer.Serialize(p)));
                AppArmorDescription? profile = AppArmorReader.ReadAll("d.yaml", Header + $"  files: {{execute: [/x], read: [{quoted}]}}\n", report).SingleOrDefault();
                if (report.HasErrors)
                {
                    return;
                }

                Interlocked.Increment(ref accepted);
                string text = AppArmorRenderer.Render(profile!).Text;
                Assert.Equal(1, text.Split('\n').Count(line => line.StartsWith("profile ", StringComparison.Ordinal)));
                PolicyDfa files = Compiled.Files(text);
                foreach (string plain in paths.Where(p => !p.AsSpan().ContainsAny("*?[]") && !p.StartsWith("/proc", StringComparison.Ordinal) && !p.StartsWith("/sys", StringComparison.Ordinal)))
                {
                    // Read and lock, as the list says, and nothing else: the path means itself.
                    Assert.Equal(plain == "/x" ? 0x65u : 0x24u, files.Permitted(plain) & 0x7F);
                }

                Assert.Equal(0u, files.Permitted("/home/secret") & 0x7F & (paths.Any(p => p.Contains('*') || p.Contains('?') || p.Contains('[')) ? 0u : 0x7Fu));
                Assert.Equal(0u, files.Permitted("/home/secret") & 0x02);
            },
            iter: 400, threads: 1);
        Assert.True(accepted > 40, $"only {accepted} of 400 descriptions were accepted, so little was proven");
    }

    [Fact]
    public void EveryFamilyAndTypeOfSocketIsOneThatTheParserKnows()
    {
        Assert.SkipUnless(Compiled.HasParser, Compiled.NoParser);
        string all = string.Concat(AppArmorWords.Families.Select(family => $" network {family},\n")) + string.Concat(AppArmorWords.SocketTypes.Select(type => $" network inet {type},\n"));
        Assert.NotEmpty(Compiled.Of($"profile p {{\n{all}}}\n"));
    }

    [Fact]
    public void AnyTypeOfMountAndEveryOtherFieldCompile()
    {
        const string Everything = """
              files: {read: [/], write: ["/data/**"], map: ["/lib/**"], execute: ["/bin/*", "/a b/c"], deny: [{paths: [/data/x], access: [write, execute, read, map], log: false}]}
              network: {allow: [inet stream, unix], deny: [inet raw]}
              capabilities: [KILL, CAP_CHOWN]
              signals: {to: [hardened-y, "unconfined"], from: ["/usr/bin/*"]}
              ptrace: trace
              mounts: [{type: tmpfs, at: /scratch}, {type: fuse.sshfs, at: "/mnt/**"}]

            """;
        LintReport report = new();
        string text = AppArmorRenderer.Render(Assert.Single(AppArmorReader.ReadAll("d.yaml", Header + Everything, report))).Text;
        Assert.Empty(report.Findings);
        foreach (string line in new[]
        {
            "  \"/a b/c\" rmix,", "  \"/bin/*\" rmix,", "  \"/data/**\" wlk,", "  \"/lib/**\" rm,", "  deny \"/data/x\" rwlkmx,", "  network inet stream,", "  audit deny network inet raw,",
            "  capability chown,", "  capability kill,", "  signal (send) peer=hardened-y-????????,", "  signal (receive) peer=/usr/bin/*,", "  signal (send, receive) peer=hardened-x-????????,",
            "  ptrace (read, readby, trace, tracedby) peer=hardened-x-????????,", "  mount fstype=tmpfs -> \"/scratch/\",", "  umount \"/mnt/**/\",",
        })
        {
            Assert.Contains(line + "\n", text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("deny mount", text, StringComparison.Ordinal);
        if (Compiled.HasParser)
        {
            Assert.NotEmpty(Compiled.Of(text));
        }
    }

    [Fact]
    public void TheNameIsTheDigestOfTheTextSoOrderAndCommentsDoNotMatter()
    {
        string a = Name(Header + "  files: {execute: [/x, /y], read: [/a]}\n");
        Assert.True(AppArmorName.IsVersion(a));
        Assert.Equal("hardened-x", AppArmorName.DescriptionOf(a));
        Assert.Equal(a, Name("# a comment\n" + Header + "  files:\n    read: [/a]\n    execute: [/y, /x]\n"));
        Assert.NotEqual(a, Name(Header + "  files: {execute: [/x, /y], read: [/b]}\n"));
        AppArmorText text = Rendered(Header + "  files: {execute: [/x]}\n");
        Assert.Equal(text, AppArmorText.Kept(text.Name, text.Text));
        Assert.Throws<HardeningFormatException>(() => AppArmorText.Kept(text.Name, text.Text.Replace("/x", "/y", StringComparison.Ordinal)));
        Assert.Throws<HardeningFormatException>(() => AppArmorText.Kept("docker-default", text.Text));
    }

    [Theory]
    [InlineData("hardened-web-3f9a0c21", true)]
    [InlineData("hardened-a-b-00000000", true)]
    [InlineData("hardened-web", false)]
    [InlineData("hardened-3f9a0c21", false)]
    [InlineData("hardened-web-3f9a0c2", false)]
    [InlineData("hardened-web-3F9A0C21", false)]
    [InlineData("hardened-web-3f9a0c2g", false)]
    [InlineData("hardened-Web-3f9a0c21", false)]
    [InlineData("hardened-web//x-3f9a0c21", false)]
    [InlineData("docker-default", false)]
    [InlineData("my-hardened-web-3f9a0c21", false)]
    public void OnlyANameOfOursIsTakenForOne(string name, bool expected) => Assert.Equal(expected, AppArmorName.IsVersion(name));

    private static string Name(string text) => Rendered(text).Name;

    private static AppArmorText Rendered(string text)
    {
        LintReport report = new();
        AppArmorText rendered = AppArmorRenderer.Render(Assert.Single(AppArmorReader.ReadAll("d.yaml", text, report)));
        Assert.Empty(report.Findings);
        return rendered;
    }

    private static IReadOnlyList<LintFinding> Findings(string text)
    {
        LintReport report = new();
        AppArmorReader.ReadAll("d.yaml", text, report);
        return report.Findings;
    }
}
