using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Runtime.Hardening.Architecture.Tests;

/// <summary>The drawing in ARCHITECTURE.md, held against the sources.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string s_root = Repository.Root;

    private static readonly string[] s_folders = ["hook", "profiles", "collector", "tests", "packaging", ".ci"];

    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> s_allowed = new()
    {
        ["Runtime.Hardening.Profiles"] = ([], []),
        ["Runtime.Hardening.Hook"] = (["Runtime.Hardening.Profiles"], ["Tmds.LibC"]),
        ["Runtime.Hardening.Authoring"] = (["Runtime.Hardening.Profiles"], ["Newtonsoft.Json", "YamlDotNet"]),
        ["Runtime.Hardening.Cli"] = (["Runtime.Hardening.Authoring"], ["System.CommandLine", "Spectre.Console", "Tomlyn"]),
        ["Runtime.Hardening.Collector"] =
        (
            ["Runtime.Hardening.Profiles"],
            [
                "Tmds.LibC", "System.CommandLine", "Google.Protobuf", "Grpc.Net.Client", "Grpc.Tools", "Microsoft.Extensions.Hosting.Systemd",
                "OpenTelemetry.Exporter.OpenTelemetryProtocol", "OpenTelemetry.Extensions.Hosting",
            ]
        ),
        ["Runtime.Hardening.Cri"] = ([], ["Google.Protobuf", "Grpc.Net.Client", "Grpc.Tools"]), // a tool of the tests
    };

    // What each namespace of the library may use, besides the words at its root that all share.
    private static readonly Dictionary<string, string[]> s_namespaces = new()
    {
        ["Spec"] = [],
        ["Edits"] = ["Spec"],
        ["Decisions"] = ["Edits", "Spec"],
        ["Facts"] = ["Spec"],
        ["Policies"] = ["Spec", "Facts"],
        ["Seccomp"] = ["Spec"],
        ["Records"] = ["Spec", "Edits"],
        ["Journal"] = [],
        ["Settings"] = [],
        ["Rules"] = ["Spec", "Edits", "Decisions", "Facts", "Policies", "Seccomp", "Records"],
    };

    [Fact]
    public void ProgramsAndLibrariesReferenceOnlyWhatTheDrawingShows()
    {
        foreach ((string name, XDocument project) in Projects().Where(static project => !IsTest(project.Name)))
        {
            Assert.True(s_allowed.ContainsKey(name), $"{name} is a new project: draw it in ARCHITECTURE.md and add it here");
            Assert.Empty(References(project).Except(s_allowed[name].Projects));
        }

        Assert.Equal(s_allowed.Keys.Order(), Projects().Select(static project => project.Name).Where(static name => !IsTest(name)).Order());
    }

    [Fact]
    public void NothingButItsOwnTestsReferencesAProgram()
    {
        string[] programs = ["Runtime.Hardening.Hook", "Runtime.Hardening.Cli", "Runtime.Hardening.Collector"];
        foreach ((string name, XDocument project) in Projects())
        {
            Assert.DoesNotContain(References(project), program => programs.Contains(program) && name != program + ".Tests");
        }
    }

    [Fact]
    public void EachPackageStaysWhereItBelongs()
    {
        foreach ((string name, XDocument project) in Projects().Where(static project => !IsTest(project.Name)))
        {
            Assert.Empty(Includes(project, "PackageReference").Except(s_allowed[name].Packages));
        }
    }

    [Fact]
    public void EveryVersionIsInOnePlace()
        => Assert.All(Projects(), static project => Assert.DoesNotContain(project.Xml.Descendants("PackageReference"), static item => item.Attribute("Version") is not null));

    [Fact]
    public void NamespacesOfTheLibraryPointOneWay()
    {
        string library = Path.Combine(s_root, "profiles", "Runtime.Hardening.Profiles");
        int seen = 0;
        foreach (string file in Sources(library))
        {
            string text = File.ReadAllText(file);
            string own = OwnNamespace().Match(text).Groups["name"].Value;
            Assert.True(own.Length == 0 || s_namespaces.ContainsKey(own), $"{file}: '{own}' is a new namespace: say here what it may use");
            foreach (Match use in Use().Matches(text))
            {
                seen++;
                string used = use.Groups["name"].Value;
                Assert.True(own.Length > 0, $"{file}: the shared words use {used}");
                Assert.True(own == used || s_namespaces[own].Contains(used), $"{file}: {own} may not use {used}");
            }
        }

        Assert.True(seen > 30, $"only {seen} using lines were found: this test looks in the wrong place");
    }

    [Fact]
    public void TopLevelFoldersAreThoseOfTheDrawing()
    {
        string[] made = ["TestResults", "publish", "BenchmarkDotNet.Artifacts", "bin", "obj", ".git", ".vs", ".idea"];
        Assert.Empty(Directory.GetDirectories(s_root).Select(static path => Path.GetFileName(path)!).Except(s_folders).Except(made));
    }

    [Fact]
    public void NoSourceFileIsTooLongToRead()
    {
        string[] files = [.. Sources(s_root)];
        Assert.True(files.Length > 200, $"only {files.Length} sources were found: this test looks in the wrong place");
        Assert.DoesNotContain(files, static file => File.ReadLines(file).Count() > 500);
    }

    [Fact]
    public void TheDocumentNamesEveryProgramAndItsSources()
    {
        string text = File.ReadAllText(Path.Combine(s_root, "ARCHITECTURE.md"));
        foreach (string word in (string[])["hardening-hook", "hardenctl", "hardeningd", "Profiles", "Authoring"])
        {
            Assert.Contains(word, text, StringComparison.Ordinal);
        }

        foreach (Match path in SourcePath().Matches(text))
        {
            string named = Path.Combine(s_root, "profiles", "Runtime.Hardening." + path.Groups["path"].Value);
            Assert.True(Path.Exists(named), $"ARCHITECTURE.md names {path.Value}, which is not there");
        }
    }

    [Fact]
    public void TheSolutionHasEveryProject()
    {
        string solution = File.ReadAllText(Path.Combine(s_root, "Runtime.Hardening.sln"));
        Assert.All(Projects(), project => Assert.Contains(project.Name + ".csproj", solution, StringComparison.Ordinal));
    }

    private static IEnumerable<(string Name, XDocument Xml)> Projects()
        => s_folders.Select(static folder => Path.Combine(s_root, folder)).Where(Directory.Exists)
            .SelectMany(static folder => Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories))
            .Select(static file => (Path.GetFileNameWithoutExtension(file), XDocument.Load(file)));

    private static IEnumerable<string> Sources(string folder)
        => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static IEnumerable<string> References(XDocument project)
        => Includes(project, "ProjectReference").Select(static path => Path.GetFileNameWithoutExtension(path)!);

    private static IEnumerable<string> Includes(XDocument project, string element)
        => project.Descendants(element).Select(static item => item.Attribute("Include")!.Value);

    private static bool IsTest(string name) => name.EndsWith(".Tests", StringComparison.Ordinal) || name.EndsWith(".Benchmarks", StringComparison.Ordinal);

    [GeneratedRegex(@"^namespace Runtime\.Hardening\.Profiles(\.(?<name>\w+))?;", RegexOptions.Multiline)]
    private static partial Regex OwnNamespace();

    [GeneratedRegex(@"^using (static )?Runtime\.Hardening\.Profiles\.(?<name>\w+);", RegexOptions.Multiline)]
    private static partial Regex Use();

    [GeneratedRegex(@"`(?<path>Profiles/[\w/.]+)`")]
    private static partial Regex SourcePath();
}
