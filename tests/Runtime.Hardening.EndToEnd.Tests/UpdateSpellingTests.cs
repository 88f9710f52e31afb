using System.Text.RegularExpressions;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>
/// However a runtime accepts the resources of an update: strace shows what the real runtime read them from, and that is the sealed file in memory that holds
/// what was judged, never what the caller named. crun goes no further than reading it on this kernel's mix of both cgroup versions.
/// </summary>
public class UpdateSpellingTests(TestImage image)
{
    private const string Greedy = """{"pids":{"limit":-1}}""", Held = """{"pids":{"limit":64}}""";

    // FILE and ID stand for what differs; "<" means that the resources are on standard input. Each line is tried from another folder, those with "cd" from the bundle.
    public static TheoryData<string, string> Spellings { get; } = new()
    {
        { "runc", "--root ROOT update --resources FILE ID" },
        { "runc", "--root=ROOT update --resources=FILE ID" },
        { "runc", "-root ROOT update -resources FILE ID" },
        { "runc", "-root=ROOT --debug=false update -resources=FILE -- ID" },
        { "runc", "--root ROOT update -r FILE ID" },
        { "runc", "--root ROOT update -r=FILE ID" },
        { "runc", "--root ROOT update --r FILE ID" },
        { "runc", "--root ROOT update --r=FILE ID" },
        { "runc", "--root ROOT update ID --resources FILE" },
        { "runc", "--root ROOT update --resources /no/such/file --resources FILE ID" },
        { "runc", "--root ROOT update --pids-limit -1 -r FILE --memory 1g ID" },
        { "runc", "cd --root ROOT update --resources resources.json ID" },
        { "runc", "cd --root ROOT update -r=../bundle/./resources.json ID" },
        { "runc", "< --root ROOT update --resources - ID" },
        { "runc", "< --root ROOT update --resources=- ID" },
        { "runc", "< -root ROOT update -resources - ID" },
        { "runc", "< --root ROOT update -resources=- ID" },
        { "runc", "< --root ROOT update -r - ID" },
        { "runc", "< --root ROOT update -r=- ID" },
        { "runc", "< --root ROOT update ID -r -" },
        { "runc", "< --root ROOT update --resources FILE --resources - ID" },
        { "crun", "--root ROOT update --resources FILE ID" },
        { "crun", "--root=ROOT update --resources=FILE ID" },
        { "crun", "--root ROOT update -r FILE ID" },
        { "crun", "--root ROOT update -rFILE ID" },
        { "crun", "--root ROOT update --reso FILE ID" },
        { "crun", "--root ROOT --cgroup-manager=disabled update --res=FILE -- ID" },
        { "crun", "--root ROOT update --pids-limit=-1 -r /no/such/file -r FILE ID" },
        { "crun", "cd --root ROOT update -rresources.json ID" },
        { "crun", "< --root ROOT update --resources - ID" },
        { "crun", "< --root ROOT update --resources=- ID" },
        { "crun", "< --root ROOT update -r - ID" },
        { "crun", "< --root ROOT update -r- ID" },
        { "crun", "< --root ROOT update --res=- ID" },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void The_real_runtime_reads_the_resources_from_the_sealed_file_that_was_written(string runtime, string line)
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        using Crun? crun = runtime == "crun" ? new(node, bundle) : null;
        string[] create = [.. bundle.Arguments("run")[..^1], "--detach", bundle.Id];
        (crun is null ? node.Hook(create) : crun.Hook(create)).Succeeded();
        string file = Path.Combine(bundle.Path, "resources.json");
        File.WriteAllText(file, Greedy);

        string[] trace = Trace(node, bundle, line, file);

        int became = Array.FindIndex(trace, text => Regex.IsMatch(text, $@"execve\(""[^""]*/{runtime}"""));
        Assert.True(became > 0, string.Join("\n", trace.TakeLast(20)));
        // Sealed against writing, growing, shrinking and further seals, before the runtime began.
        Assert.Contains(trace[..became], static text => Regex.IsMatch(text, @"fcntl\(\d+</memfd:hardening-update.*, F_ADD_SEALS, F_SEAL_SEAL\|F_SEAL_SHRINK\|F_SEAL_GROW\|F_SEAL_WRITE\) = 0"));
        string[] after = trace[became..];
        Assert.DoesNotContain(after, static text => Regex.IsMatch(text, @"open(at2?)?\(.*resources\.json|read.*limit\\"":-1"));
        // strace -f cuts a call in two where another thread is in between; then its result stands alone.
        string read = Assert.Single(after, static text => Regex.IsMatch(text, @"read\(\d+<(/memfd:hardening-update|/proc/self/fd/)") && !text.EndsWith("= 0", StringComparison.Ordinal));
        Assert.Contains(Held.Replace("\"", "\\\"", StringComparison.Ordinal), read + string.Concat(after.Where(static text => text.Contains("read resumed", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.Equal(Greedy, File.ReadAllText(file));
    }

    private static string[] Trace(Installation node, TestBundle bundle, string line, string file)
    {
        string trace = Path.Combine(node.Folder, "trace");
        string[] words = line.Split(' ');
        string script = $"cd {(words[0] == "cd" ? bundle.Path : "/")}; {(words[0] == "<" ? $"cat {file} |" : "")} "
            + $"strace -f -y -s 300 -e trace=execve,open,openat,openat2,read,fcntl -o {trace} {Published.Hook} "
            + string.Join(' ', words.Where(static word => word is not ("cd" or "<"))
                .Select(word => word == "ID" ? bundle.Id : word.Replace("FILE", file, StringComparison.Ordinal).Replace("ROOT", bundle.Root, StringComparison.Ordinal)));
        Command.Run("/bin/sh", ["-c", script], node.Environment);
        return File.ReadAllLines(trace);
    }
}
