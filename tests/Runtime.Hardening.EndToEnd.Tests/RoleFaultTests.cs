using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>
/// The hook dies, or the kernel says no, at every system call of an update, of the gate and of Podman's filter. No fault lifts a bound, opens the gate or
/// gives out a spec that is not the hardened one.
/// </summary>
public class RoleFaultTests(TestImage image)
{
    private const string Held = """{"pids":{"limit":64}}""";

    [Theory]
    [InlineData("signal=KILL")]
    [InlineData("error=EIO")]
    [InlineData("error=ENFILE")]
    [InlineData("error=EINTR")]
    public void No_fault_lets_an_update_lift_a_bound(string fault)
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image);
        node.With("runtime", "/bin/true").Hook(bundle.Arguments("create")).Succeeded();
        string file = Path.Combine(bundle.Path, "resources.json"), witness = Path.Combine(node.Folder, "witness");
        File.WriteAllText(file, """{"pids":{"limit":-1}}""");
        File.WriteAllText(witness, "#!/bin/sh\ncat \"$5\"\n");   // --root ROOT update --resources FILE
        Command.Run("/bin/chmod", ["0700", witness]).Succeeded();
        node.With("runtime", witness);

        (int started, int missed) = EveryFault(node, fault, RecordKey.FileName(bundle.Root, bundle.Id), ["--root", bundle.Root, "update", "--resources", file, bundle.Id], "/dev/null", outcome =>
        {
            Assert.True(outcome.Text is "" or Held, $"the runtime read {outcome.Text}");
            return outcome.Text.Length > 0;
        });

        Assert.True(fault == "signal=KILL" ? started <= missed : started > 0, $"the runtime was started {started} times, and {missed} faults did not come up");
    }

    [Theory]
    [InlineData("signal=KILL")]
    [InlineData("error=EIO")]
    [InlineData("error=ENFILE")]
    [InlineData("error=EINTR")]
    public void No_fault_opens_the_gate(string fault)
    {
        using Installation node = new Installation().Apply(Policies.Everything).With("whenBroken", "refuse");
        using var bundle = new TestBundle(image);
        string state = Path.Combine(bundle.Path, "state.json");
        File.WriteAllText(state, new JsonObject { ["id"] = bundle.Id, ["bundle"] = bundle.Path }.ToJsonString());

        Assert.Equal(0, EveryFault(node, fault, "config.json", ["oci-hook", "createRuntime"], state, static outcome => outcome.ExitCode == 0).Yes);
    }

    [Theory]
    [InlineData("signal=KILL")]
    [InlineData("error=EIO")]
    [InlineData("error=ENFILE")]
    [InlineData("error=EINTR")]
    public void No_fault_gets_a_spec_through_the_filter_that_is_not_hardened(string fault)
    {
        using Installation node = new Installation().Apply(Policies.Everything).With("whenBroken", "refuse");
        using var bundle = new TestBundle(image);
        string spec = File.ReadAllText(bundle.ConfigFile).Replace($"/{bundle.Id}\"", $"/libpod-{new string('a', 64)}\"", StringComparison.Ordinal);
        File.WriteAllText(bundle.ConfigFile, spec);
        string hardened = Traced(node, [], ["precreate"], bundle.ConfigFile).Succeeded().Text;
        Assert.Contains("\"noNewPrivileges\":true", hardened, StringComparison.Ordinal);

        (int passed, int missed) = EveryFault(node, fault, "paused", ["precreate"], bundle.ConfigFile, outcome =>
        {
            Assert.True(outcome.ExitCode != 0 || outcome.Text == hardened, $"exit code 0, and {outcome.Text}");
            return outcome.ExitCode == 0;
        });

        Assert.True(fault == "signal=KILL" ? passed <= missed : passed > 0, $"{passed} specs came through, and {missed} faults did not come up");
    }

    /// <summary>Tries the fault at each call from the first one that names something to the last but the end, and gives how often the judge said yes.</summary>
    private static (int Yes, int Missed) EveryFault(Installation node, string fault, string from, string[] arguments, string input, Func<Outcome, bool> judge)
    {
        Traced(node, [], arguments, input);   // makes folders and files that the others find
        // One in a few runs looks for stale records as well: what the others do not do there is no fault that could come up.
        string[] usual = Enumerable.Range(0, 4).Select(_ =>
        {
            Traced(node, [], arguments, input);
            return Trace(node);
        }).MinBy(static lines => lines.Length)!;
        var calls = new List<(string Name, int Number)>();
        var seen = new Dictionary<string, int>();
        foreach (string line in usual)
        {
            string name = Regex.Match(line, @"^(?<name>[a-z0-9_]+)\(").Groups["name"].Value;
            if (calls.Count > 0 && name is "execve" or "exit_group")
            {
                break;
            }

            seen[name] = seen.GetValueOrDefault(name) + 1;
            if (name.Length > 0 && (calls.Count > 0 || line.Contains(from, StringComparison.Ordinal)))
            {
                calls.Add((name, seen[name]));
            }
        }

        Assert.True(calls.Count > 10, $"only {calls.Count} calls were found behind {from}");
        int hits = 0, yes = 0;
        List<string> missed = [];
        foreach ((string name, int number) in calls)
        {
            Outcome outcome = Traced(node, ["-e", $"inject={name}:{fault}:when={number}"], arguments, input);
            if (Array.Exists(Trace(node), static line => line.Contains("(INJECTED)", StringComparison.Ordinal) || line.Contains("killed by SIGKILL", StringComparison.Ordinal)))
            {
                hits++;
            }
            else
            {
                missed.Add($"{name} {number}");
            }

            yes += judge(outcome) ? 1 : 0;
        }

        // Memory is laid out anew in each run: a call or two may not come up again.
        Assert.True(hits > calls.Count * 9 / 10, $"the fault came up in {hits} of {calls.Count} runs only, not at {string.Join(", ", missed)}");
        return (yes, calls.Count - hits);
    }

    private static string[] Trace(Installation node) => File.ReadAllLines(Path.Combine(node.Folder, "trace"));

    private static Outcome Traced(Installation node, string[] options, string[] arguments, string input)
        => Command.Run(
            "/bin/sh", ["-c", "input=$1; shift; exec strace \"$@\" <\"$input\"", "sh", input, "-o", Path.Combine(node.Folder, "trace"), .. options, Published.Hook, .. arguments],
            node.Environment);
}
