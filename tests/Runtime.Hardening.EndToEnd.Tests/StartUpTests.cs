using System.Text.RegularExpressions;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>What the hook asks of the node before it becomes the runtime. The hook's project file leaves out at linking what the framework would look up beyond this.</summary>
public class StartUpTests
{
    // strace is a caller with our command line at the end of its own, so the hook looks at its parent too.
    private static readonly string[] s_asked =
    [
        "/", "/dev/urandom", "/proc/CALLER/cmdline", "/proc/CALLER/stat", "/proc/meminfo", "/proc/self/maps", "/sys/devices/system/cpu/online",
        "/sys/devices/system/cpu/possible",
    ];

    [Fact]
    public void A_verb_that_is_passed_through_reads_nothing_that_grows_with_the_node_and_starts_no_process()
    {
        using var node = new Installation();
        node.With("runtime", "/bin/true");
        string trace = Path.Combine(node.Folder, "trace");

        Command.Run(
            "strace", ["-f", "-e", "trace=execve,open,openat,socket,connect,clone,clone3,fork,vfork", "-o", trace, Published.Hook, "state", "x"], node.Environment).Succeeded();

        string[] calls = File.ReadAllLines(trace);
        int became = Array.FindLastIndex(calls, static call => call.Contains("execve(\"/bin/true\"", StringComparison.Ordinal));
        Assert.True(became > 0, string.Join('\n', calls));
        string[] ours = calls[1..became];
        Assert.DoesNotContain(ours, static call => Regex.IsMatch(call, @" (socket|connect|fork|vfork)\("));
        Assert.All(ours.Where(static call => Regex.IsMatch(call, @" clone3?\(")), static call => Assert.Contains("CLONE_THREAD", call, StringComparison.Ordinal));
        Assert.Equal([.. s_asked.Append(node.Settings).Order(StringComparer.Ordinal)], Opened(ours));
    }

    private static string[] Opened(string[] calls)
        => [.. calls.Select(static call => Regex.Match(call, @"open(at)?\((AT_FDCWD, )?""(?<path>/[^""]*)""")).Where(static match => match.Success)
            .Select(static match => Regex.Replace(match.Groups["path"].Value, @"^/proc/\d+/", "/proc/CALLER/")).Distinct().Order(StringComparer.Ordinal)];
}
