using System.Text.RegularExpressions;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>
/// Words that runc and crun read differently, in a folder that has a file under every name that either might make of them: what the real runtime opens is
/// what was hardened, or it fails, or it was never reached.
/// </summary>
public sealed class OneMeaningTests(TestImage image) : IDisposable
{
    private const string Policy = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: one-meaning }
        spec:
          onError: passThrough
          noNewPrivileges: true
          capabilities: { keep: [] }
        """;

    // Neither gets as far as a process: there is no such root file system, and no such program.
    private const string Spec = """{"ociVersion":"1.0.2","process":{"args":["/x"],"cwd":"/","user":{"uid":0,"gid":0},"noNewPrivileges":false},"root":{"path":"none"},"linux":{}}""";
    private const string Process = """{"user":{"uid":0,"gid":0},"args":["/no/such/program"],"cwd":"/","noNewPrivileges":false}""";
    private const string World = """mount -t cgroup2 cgroup2 /sys/fs/cgroup && cd "$1" && shift && exec "$@" """;
    private const int Lines = 90;

    private static readonly string[] s_bundles = [".", "g", "d", "=g", "=d", "undle", "undle=g", "undle=d", "x"];
    private static readonly string[] s_processes = ["g", "d", "=g", "=d", "rocess", "rocess=g", "rocess=d", "x"];

    private static readonly string[] s_creating =
    [
        "-b", "--bundle", "-bundle", "--bund", "--b", "-bg", "-bd", "-b=g", "-b=d", "--bundle=g", "--bundle=d", "-bundle=g", "-bundle=d", "--bun=d", "--b=g", "g", "d",
        "-d", "-detach", "-db", "-dbg", "--no-pivot", "--program-name", "--prog", "--program-name=x", "-bundl=g", "--newflag", "--newflag=d", "-x", "-xbg", "--pid-file", "-pid-file",
        "-pid-file=x", "--", "-f", "--preserve-fds", "0", "ID", "--no-pivot=false", "--bundle=d", "-config=g",
    ];

    private static readonly string[] s_joining =
    [
        "-p", "--process", "-process", "--proc", "--p", "-pg", "-pd", "-p=g", "-p=d", "--process=g", "--process=d", "-process=g", "-process=d", "--proc=d", "--p=g", "g", "d",
        "-d", "-detach", "-dp", "-dpg", "--program-name", "--prog", "--program-name=x", "-proces=g", "--newflag", "--newflag=d", "-x", "-xpg", "-env", "-e", "-eA", "A=B", "-cap",
        "--cap", "-cCAP_SYS_ADMIN", "CAP_SYS_ADMIN", "-cwd", "-cgroup", "-user", "0", "-no-new-privs=false", "--no-new-privs", "--no-new-privs=false", "--", "ID", "x",
    ];

    private readonly Installation _node = new Installation().Apply(Policy);

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("crun", "run -b g --program-name -bd ID", "g")]
    [InlineData("crun", "run --prog x -b g ID", "g")]
    [InlineData("crun", "run -b=d ID", "d")]
    [InlineData("crun", "run -bundle=d ID", "d")]
    [InlineData("crun", "run -bundle d ID", "d")]
    [InlineData("crun", "create --b=d ID", "d")]
    [InlineData("runc", "run -b=d ID", "d")]
    [InlineData("runc", "create -bundle=d -b=g ID", "g")]
    [InlineData("runc", "restore --image-path g --bundle d ID", "d")]
    [InlineData("runc", "restore -image-path=g -work-path g --detach -no-subreaper -b=g ID", "g")]
    public void OfABundleTheOneThatWasHardenedIsOpened(string runtime, string line, string bundle)
    {
        string folder = Bundles(runtime);
        Assert.Equal([$"{folder}/{bundle}/config.json"], Opened(runtime, folder, line.Replace("ID", "none", StringComparison.Ordinal).Split(' '), out _).Distinct());
    }

    [Theory]
    [InlineData("exec -p g ID", "g")]
    [InlineData("exec -pg ID", "g")]
    [InlineData("exec -dpg ID", "g")]
    [InlineData("exec --process=g ID", "g")]
    [InlineData("exec --proces g ID", null)]   // process-label begins so too
    [InlineData("exec -p=g ID", "g")]
    [InlineData("exec -process=g ID", "g")]
    [InlineData("exec -process g ID", "g")]
    [InlineData("exec --program-name x --process g ID", "g")]
    [InlineData("exec --newflag=x --process g ID", null)]   // crun's to refuse
    [InlineData("exec --newflag x --process g ID", null)]
    [InlineData("exec --proc g ID", null)]
    [InlineData("exec --process g none", null)]
    [InlineData("exec --cap CAP_SYS_ADMIN -env ID /bin/sh", null)]
    [InlineData("exec --prog x --cap CAP_SYS_ADMIN ID /bin/true", null)]
    public void OfAProcessTheOneThatWasHardenedIsOpenedByCrun(string line, string? process)
    {
        using TestBundle bundle = Processes("crun");
        using var crun = new Crun(_node, bundle);
        crun.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();

        string[] opened = Opened("crun", bundle.Path, ["--root", bundle.Root, .. line.Replace("ID", bundle.Id, StringComparison.Ordinal).Split(' ')], out Outcome outcome);

        Assert.Equal(process is null ? [] : [$"{bundle.Path}/{process}"], opened.Distinct());
        outcome.Failed();
    }

    [Theory]
    [InlineData("runc", 1)]
    [InlineData("crun", 2)]
    public void OfRandomLinesNoneOpensABundleThatWasNotHardened(string runtime, int seed)
    {
        var random = new Random(seed);
        int reached = 0;
        string folder = Bundles(runtime);
        for (int i = 0; i < Lines; i++)
        {
            string verb = random.GetItems(runtime == "runc" ? ["create", "run", "restore"] : (string[])["create", "run"], 1)[0];
            foreach (string bundle in s_bundles)
            {
                File.WriteAllText($"{folder}/{bundle}/config.json", Spec);
            }

            reached += Check(runtime, folder, [verb, .. random.GetItems(s_creating, random.Next(1, 5)).Select(static word => word == "ID" ? "none" : word), "none"], out _);
        }

        Assert.True(reached >= 5, $"only {reached} lines reached a file: the others prove nothing");
    }

    [Theory]
    [InlineData("runc", 3)]
    [InlineData("crun", 4)]
    public void OfRandomLinesNoneStartsAProcessThatWasNotHardened(string runtime, int seed)
    {
        using TestBundle bundle = Processes(runtime);
        using Crun? crun = runtime == "crun" ? new(_node, bundle) : null;
        string[] run = [.. bundle.Arguments("run")[..^1], "--detach", bundle.Id];
        (crun?.Hook(run) ?? _node.Hook(run)).Succeeded();
        var random = new Random(seed);
        int reached = 0;
        for (int i = 0; i < Lines; i++)
        {
            foreach (string process in s_processes)
            {
                File.WriteAllText($"{bundle.Path}/{process}", Process);
            }

            reached += Check(
                runtime, bundle.Path,
                [
                    "--root", bundle.Root, "exec", .. random.GetItems(s_joining, random.Next(1, 5)).Select(word => word == "ID" ? bundle.Id : word), bundle.Id,
                    "/bin/sh", "-c", "grep -E '^(NoNewPrivs|CapBnd)' /proc/self/status",
                ],
                out string said);
            Assert.DoesNotMatch("NoNewPrivs:\t0|CapBnd:\t0*[1-9a-f]", said);
            reached += said.Contains("NoNewPrivs", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(reached >= 5, $"only {reached} lines reached a file or a process: the others prove nothing");
    }

    private int Check(string runtime, string folder, string[] line, out string said)
    {
        string[] opened = Opened(runtime, folder, line, out Outcome outcome);
        said = $"{string.Join(' ', line)}\n{outcome.Text}";
        foreach (string file in opened)
        {
            Assert.True(File.ReadAllText(file).Contains("\"noNewPrivileges\":true", StringComparison.Ordinal), $"{runtime} {string.Join(' ', line)}\nopened {file} as the engine wrote it");
        }

        return opened.Length > 0 ? 1 : 0;
    }

    private string Bundles(string runtime)
    {
        _node.With("runtime", runtime == "crun" ? Crun.Program : Installation.RealRuntime);
        string folder = Directory.CreateDirectory(Path.Combine(_node.Folder, "bundles")).FullName;
        foreach (string bundle in s_bundles)
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, bundle)).FullName, "config.json"), Spec);
        }

        return folder;
    }

    private TestBundle Processes(string runtime)
    {
        _node.With("runtime", runtime == "crun" ? Crun.Program : Installation.RealRuntime);
        var bundle = new TestBundle(image, "/bin/sleep", "600");
        foreach (string process in s_processes)
        {
            File.WriteAllText(Path.Combine(bundle.Path, process), Process);
        }

        return bundle;
    }

    /// <summary>Which of the folder's files were opened after the hook had become the runtime, as the kernel resolved them.</summary>
    private string[] Opened(string runtime, string folder, string[] line, out Outcome outcome)
    {
        string trace = Path.Combine(_node.Folder, "trace");
        string[] traced = ["strace", "-f", "-y", "-e", "trace=execve,open,openat,openat2", "-o", trace, Published.Hook];
        outcome = runtime == "crun"
            ? Command.Run("unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", World, "sh", folder, .. traced, "--cgroup-manager=disabled", .. line], _node.Environment)
            : Command.Run(traced[0], [.. traced[1..], .. line], _node.Environment, folder);
        string[] lines = File.ReadAllLines(trace);
        int became = Array.FindIndex(lines, text => Regex.IsMatch(text, $@"execve\(""[^""]*/{runtime}"""));
        return became < 0
            ? []
            : [.. lines.Skip(became).Select(text => Regex.Match(text, $@"open(at2?)?\(.*O_RDONLY.*= \d+<(?<path>{Regex.Escape(folder)}/[^>]*)>"))
                .Select(static match => match.Groups["path"].Value).Where(static path => path.Length > 0 && File.Exists(path) && !path.EndsWith("log.json", StringComparison.Ordinal))];
    }
}
