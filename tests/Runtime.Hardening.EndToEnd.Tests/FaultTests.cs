using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>
/// The hook dies, or the kernel says no, at every system call between opening the spec and becoming the runtime. Whatever happens, the spec is the engine's
/// or the whole hardened one, and the runtime is only ever started with the latter.
/// </summary>
public class FaultTests(TestImage image)
{
    private const string Created = "config.json", Joining = "process.json";
    private const string Process = """{"user":{"uid":0,"gid":0},"args":["/bin/true"],"cwd":"/","noNewPrivileges":false,"capabilities":{"bounding":["CAP_SYS_ADMIN"]}}""";

    /// <summary>One call: its name, and how many of that name came before it, plus one.</summary>
    private sealed record Call(string Name, int Number);

    [Theory]
    [InlineData("create", "signal=KILL")]
    [InlineData("create", "error=ENOSPC")]
    [InlineData("create", "error=EIO")]
    [InlineData("create", "error=EROFS")]
    [InlineData("create", "error=EINTR")]
    [InlineData("run", "signal=KILL")]
    [InlineData("run", "error=EIO")]
    [InlineData("restore", "signal=KILL")]
    [InlineData("exec", "signal=KILL")]
    [InlineData("exec", "error=ENOSPC")]
    [InlineData("exec", "error=EIO")]
    [InlineData("exec", "error=EROFS")]
    [InlineData("exec", "error=EINTR")]
    [InlineData("lost", "signal=KILL")]
    [InlineData("lost", "error=ENFILE")]
    [InlineData("lost", "error=EIO")]
    public void No_fault_at_any_system_call_starts_a_process_half_hardened_or_leaves_half_a_spec(string verb, string fault)
    {
        // Lost is an exec without a record, which is made anew from the runtime's own state; whenBroken would let it through where there is none.
        bool isLost = verb == "lost", joins = isLost || verb == "exec";
        // A checkpoint is restored under a policy that lets something start unhardened where it cannot be applied, and under no other: it is only killed.
        string policy = verb == "restore" ? Policies.Everything + "\n  onError: passThrough\n" : Policies.Everything;
        using Installation node = new Installation().Apply(policy).With("whenBroken", isLost ? "builtin" : "refuse");
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        string file = Path.Combine(bundle.Path, joins ? Joining : Created);
        if (joins)
        {
            File.WriteAllText(file, Process);
            (isLost ? node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]) : node.With("runtime", "/bin/true").Hook(bundle.Arguments("create"))).Succeeded();
        }

        byte[] engines = File.ReadAllBytes(file);
        node.With("runtime", Witness(node));
        string[] arguments = !joins ? bundle.Arguments(verb) : ["--root", bundle.Root, "exec", "--process", file, bundle.Id];
        node.Hook(arguments).Succeeded();   // the first one makes folders and files that the others find
        // A run in sixteen sweeps old records as well: what the others do not do there is no fault that could come up.
        List<Call> calls = Enumerable.Range(0, 4).Select(_ =>
        {
            Restore(file, engines, isLost ? node : null);
            return CallsOf(node, arguments, isLost ? Path.Combine(bundle.Root, bundle.Id) : Path.GetFileName(file));
        }).MinBy(static found => found.Count)!;
        byte[] hardened = File.ReadAllBytes(file);
        Assert.NotEqual(engines, hardened);
        Assert.True(calls.Count > 15, $"only {calls.Count} calls were found between opening {file} and execve");

        var wrong = new List<string>();
        int hits = 0, started = 0;
        foreach (Call call in calls)
        {
            Restore(file, engines, isLost ? node : null);
            File.Delete(Started(node));
            string[] trace = Strace(node, ["-e", $"inject={call.Name}:{fault}:when={call.Number}"], arguments);
            hits += Array.Exists(trace, static line => line.Contains("(INJECTED)", StringComparison.Ordinal) || line.Contains("killed by SIGKILL", StringComparison.Ordinal)) ? 1 : 0;
            byte[] left = File.ReadAllBytes(file);
            bool isHardened = left.AsSpan().SequenceEqual(hardened);
            bool isStarted = File.Exists(Started(node));
            started += isStarted ? 1 : 0;
            if (!isHardened && (isStarted || !left.AsSpan().SequenceEqual(engines)))
            {
                wrong.Add($"{fault} at {call.Name} number {call.Number}: the runtime was {(isStarted ? "" : "not ")}started, and {file} has {left.Length} bytes ({engines.Length} before, {hardened.Length} hardened)");
            }
        }

        Assert.Empty(wrong);
        // Memory is laid out anew in each run, and now and then a create sweeps: a call or two may not come up again.
        Assert.True(hits > calls.Count * 9 / 10, $"the fault came up in {hits} of {calls.Count} runs only");
        Assert.True(fault == "signal=KILL" ? started <= calls.Count - hits : started > 0, $"the runtime was started in {started} of {calls.Count} runs, {hits} of which had the fault");
        Restore(file, engines, isLost ? node : null);
        node.Hook(arguments).Succeeded();
    }

    private static void Restore(string file, byte[] engines, Installation? withoutRecords)
    {
        File.WriteAllBytes(file, engines);
        string records = Path.Combine(withoutRecords?.Folder ?? "", "records");
        if (withoutRecords is not null && Directory.Exists(records))
        {
            Directory.Delete(records, recursive: true);
        }
    }

    /// <summary>The faults are put into the calls of the main thread. So there must be nothing of ours in any other.</summary>
    [Theory]
    [InlineData("create")]
    [InlineData("create", "huge")]
    [InlineData("exec")]
    [InlineData("update")]
    [InlineData("state")]
    public void The_frameworks_own_thread_touches_no_file_before_the_runtime_begins(string verb, string size = "")
    {
        using Installation node = new Installation().Apply(Policies.Everything, Policies.Bounded).With("runtime", "/bin/true");
        using var bundle = new TestBundle(image);
        if (size == "huge")
        {
            // More than the collector's youngest generation: it collects, and looks for finalizers.
            JsonNode spec = JsonNode.Parse(File.ReadAllBytes(bundle.ConfigFile))!;
            spec["annotations"] = new JsonObject { ["huge"] = new string('x', 30 << 20) };
            File.WriteAllText(bundle.ConfigFile, spec.ToJsonString());
        }

        if (verb != "create")
        {
            node.Hook(bundle.Arguments("create")).Succeeded();
        }

        string process = Path.Combine(bundle.Path, Joining), resources = Path.Combine(bundle.Path, "resources.json");
        File.WriteAllText(process, Process);
        File.WriteAllText(resources, """{"pids":{"limit":-1}}""");
        string[] lines = Strace(node, ["-f"], verb switch
        {
            "create" => bundle.Arguments("create"),
            "exec" => ["--root", bundle.Root, "exec", "--process", process, bundle.Id],
            "update" => ["--root", bundle.Root, "update", "--resources", resources, bundle.Id],
            _ => ["--root", bundle.Root, verb, bundle.Id],
        });

        (string Thread, string Text)[] calls = [.. lines.Select(static line => line.Split(' ', 2)).Select(static parts => (parts[0], parts[1].Trim()))];
        string main = calls[0].Thread;
        Assert.Contains(calls, call => call.Thread == main && call.Text.StartsWith("execve(\"/bin/true\"", StringComparison.Ordinal));
        string[] others = [.. calls.Where(call => call.Thread != main).Select(static call => call.Thread).Distinct()];
        Assert.Single(others);   // the one that runs finalizers
        Assert.Empty(calls.Where(call => call.Thread != main && !IsHarmless(call.Text)).Select(static call => call.Text));
    }

    // Memory that is nobody's file, waiting, and its own name: nothing that takes a path or a descriptor.
    private static bool IsHarmless(string call) => Regex.IsMatch(
        call, @"^((rseq|set_robust_list|rt_sigprocmask|rt_sigaction|rt_sigreturn|sigaltstack|gettid|getpid|prctl|munmap|mprotect|madvise|sched_getaffinity|sched_yield|futex|membarrier|exit|clock_gettime)\(|mmap\(.*MAP_ANONYMOUS|<\.\.\. |\+\+\+ |--- )");

    // Leaves a file when it is started.
    private static string Witness(Installation node)
    {
        string path = Path.Combine(node.Folder, "witness");
        File.WriteAllText(path, $"#!/bin/sh\n: > {Started(node)}\n");
        Command.Run("/bin/chmod", ["0700", path]).Succeeded();
        return path;
    }

    private static string Started(Installation node) => Path.Combine(node.Folder, "started");

    /// <summary>The calls of the hook's own thread from opening the spec to execve, which is among them.</summary>
    private static List<Call> CallsOf(Installation node, string[] arguments, string file)
    {
        string[] lines = Strace(node, [], arguments);
        var seen = new Dictionary<string, int>();
        var calls = new List<Call>();
        bool isOpen = false;
        foreach (string line in lines)
        {
            string name = Regex.Match(line, @"^(?<name>[a-z0-9_]+)\(").Groups["name"].Value;
            if (name.Length == 0)
            {
                continue;   // a signal, or the end
            }

            seen[name] = seen.GetValueOrDefault(name) + 1;
            isOpen |= line.Contains($"\"{file}\"", StringComparison.Ordinal) && name == "openat";
            if (isOpen)
            {
                calls.Add(new Call(name, seen[name]));
                if (name == "execve")
                {
                    return calls;
                }
            }
        }

        throw new InvalidOperationException($"the hook became no runtime:\n{string.Join('\n', lines.TakeLast(10))}");
    }

    // Without -f it is the main thread alone.
    private static string[] Strace(Installation node, string[] options, string[] arguments)
    {
        string trace = Path.Combine(node.Folder, "trace");
        File.Delete(trace);
        Command.Run("/usr/bin/strace", ["-o", trace, .. options, Published.Hook, .. arguments], node.Environment);
        return File.ReadAllLines(trace);
    }
}
