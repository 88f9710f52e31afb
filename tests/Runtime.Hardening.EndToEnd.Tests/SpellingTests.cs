using System.Text.RegularExpressions;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>
/// However a runtime accepts its arguments: strace shows which file the real runtime opened, and that file is the one that was hardened. crun goes no
/// further than reading it on this kernel's mix of both cgroup versions, which is all that is needed here.
/// </summary>
public class SpellingTests(TestImage image)
{
    private const string Crun = "/usr/bin/crun";

    // BUNDLE, SPEC (a config.json elsewhere) and ID stand for what differs; each line is tried from another folder, the lines with "cd" from the bundle.
    public static TheoryData<string, string> Creating { get; } = new()
    {
        { "runc", "--root ROOT create --bundle BUNDLE ID" },
        { "runc", "--root ROOT create -b BUNDLE ID" },
        { "runc", "-root=ROOT create -bundle=BUNDLE ID" },
        { "runc", "-root ROOT --log-format=json create -b=BUNDLE -- ID" },
        { "runc", "--debug=false --root ROOT create --bundle BUNDLE/. --no-pivot --no-new-keyring ID" },
        { "runc", "--root ROOT create --bundle /elsewhere --bundle BUNDLE --preserve-fds 0 ID" },
        { "runc", "--root ROOT create --bundle BUNDLE create" },
        { "runc", "--root ROOT run --detach -bundle BUNDLE ID" },
        { "runc", "cd --root ROOT create ID" },
        { "runc", "cd --root ROOT create -b . ID" },
        { "runc", "cd --root ROOT create -b ../bundle ID" },
        { "crun", "--root ROOT create --bundle BUNDLE ID" },
        { "crun", "--root=ROOT create --bundle=BUNDLE ID" },
        { "crun", "--root ROOT create -bBUNDLE ID" },
        { "crun", "--root ROOT create --bund BUNDLE ID" },
        { "crun", "--root ROOT --cgroup-manager=disabled run --detach --bun=BUNDLE ID" },
        { "crun", "--root ROOT create --bundle BUNDLE --config SPEC ID" },
        { "crun", "--root ROOT create --bundle BUNDLE --conf=SPEC ID" },
        { "crun", "--root ROOT create -b BUNDLE -fSPEC ID" },
        { "crun", "--root ROOT create -f config.json -b BUNDLE ID" },
        { "crun", "cd --root ROOT create --config other/spec.json ID" },
        { "crun", "cd --root ROOT create ID" },
    };

    [Theory]
    [MemberData(nameof(Creating))]
    public async Task The_file_that_the_real_runtime_opens_is_the_one_that_was_hardened(string runtime, string line)
    {
        using Installation node = new Installation().Apply(Policies.Everything).With("runtime", runtime == "crun" ? Crun : Installation.RealRuntime);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        Directory.CreateDirectory(Path.Combine(bundle.Path, "other"));
        string other = Path.Combine(bundle.Path, "other", "spec.json");
        File.Copy(bundle.ConfigFile, other);
        string? folder = line.StartsWith("cd ", StringComparison.Ordinal) ? bundle.Path : null;

        string opened = Assert.Single((await OpenedAsync(node, Fill(line, bundle, other), folder, "(config|spec)\\.json")).Distinct());

        Assert.Equal(line.Contains("SPEC", StringComparison.Ordinal) || line.Contains("other", StringComparison.Ordinal) ? other : bundle.ConfigFile, opened);
        Assert.Contains("\"noNewPrivileges\":true", File.ReadAllText(opened), StringComparison.Ordinal);
        Command.Run(Installation.RealRuntime, ["--root", bundle.Root, "delete", "--force", "create"]);
    }

    [Theory]
    [InlineData("--root ROOT exec --process PROCESS ID")]
    [InlineData("--root=ROOT exec --process=PROCESS --detach ID")]
    [InlineData("-root ROOT exec -process PROCESS ID")]
    [InlineData("--root ROOT exec -p PROCESS ID")]
    [InlineData("--root ROOT exec -d -p=PROCESS -- ID")]
    [InlineData("--root ROOT exec --process /elsewhere --process PROCESS ID --process /of/the/program")]
    [InlineData("cd --root ROOT exec --process process.json ID")]
    public async Task The_process_that_the_real_runtime_opens_is_the_one_that_was_hardened(string line)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        string process = Path.Combine(bundle.Path, "process.json");
        File.WriteAllText(process, """{"user":{"uid":0,"gid":0},"args":["/bin/true"],"cwd":"/","noNewPrivileges":false}""");
        string? folder = line.StartsWith("cd ", StringComparison.Ordinal) ? bundle.Path : null;

        string[] opened = await OpenedAsync(node, Fill(line, bundle, "").Select(word => word.Replace("PROCESS", process, StringComparison.Ordinal)), folder, "process\\.json");

        Assert.Equal(process, Assert.Single(opened.Distinct()));
        Assert.Contains("\"noNewPrivileges\":true", File.ReadAllText(process), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Fill(string line, TestBundle bundle, string other)
        => line.Split(' ').Where(static word => word != "cd").Select(word => word
            .Replace("BUNDLE", bundle.Path, StringComparison.Ordinal).Replace("ROOT", bundle.Root, StringComparison.Ordinal)
            .Replace("SPEC", other, StringComparison.Ordinal).Replace("ID", bundle.Id, StringComparison.Ordinal));

    /// <summary>Files of that name which were opened for reading after the hook had become the runtime, as the kernel resolved them.</summary>
    private static async Task<string[]> OpenedAsync(Installation node, IEnumerable<string> arguments, string? folder, string name)
    {
        string trace = Path.Combine(node.Folder, "trace");
        // In the background, and with files for its output: a created container keeps both and waits for its start, and strace waits for the container.
        using var _ = new Background(
            "/bin/sh", ["-c", "cd \"$1\"; shift; exec strace -f -y -e trace=execve,open,openat,openat2 -o \"$@\" </dev/null >/dev/null 2>\"$1.err\"", "sh", folder ?? "/", trace, Published.Hook, .. arguments], node.Environment);
        string[] opened = [];
        await Wait.UntilAsync(() => (opened = Opened(trace, name)).Length > 0, TimeSpan.FromSeconds(20), () => $"opened nothing of that name:\n{File.ReadAllText(trace + ".err")}\n{File.ReadAllText(trace)}");
        return opened;
    }

    private static string[] Opened(string trace, string name)
    {
        string[] lines = File.Exists(trace) ? File.ReadAllLines(trace) : [];
        int became = Array.FindIndex(lines, static line => Regex.IsMatch(line, @"execve\(""[^""]*/(runc|crun)"""));
        return became < 0
            ? []
            : [.. lines.Skip(became).Select(line => Regex.Match(line, $@"open(at2?)?\(.*/?{name}"", .*O_RDONLY.*= \d+<(?<path>[^>]*)>"))
                .Where(static match => match.Success).Select(static match => match.Groups["path"].Value)];
    }
}
