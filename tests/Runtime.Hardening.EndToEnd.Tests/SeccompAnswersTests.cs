using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>The model of a profile against the kernel, below the real runtimes: every number of every architecture that this machine can call, runc's own stub included.</summary>
public class SeccompAnswersTests(TestImage image)
{
    // What a static program and the runtimes need. Everything else has an errno of its own, so that no answer of the kernel can be taken for the filter's.
    private static readonly string[] s_needed =
    [
        .. RuntimeFloor.Required, .. RuntimeFloor.Sometimes, "arch_prctl", "brk", "clone3", "exit", "exit_group", "getrandom", "lseek", "mprotect", "pread64", "prlimit64", "readlink", "readlinkat",
        "rseq", "set_robust_list", "set_tid_address", "uname", "vfork", "wait4", "waitid", "writev", "ioctl", "setresuid", "seccomp", "pipe2", "fork", "kill",
    ];

    private static readonly string s_denying = $$"""
        {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1200,"architectures":[ARCHITECTURES],"syscalls":[
         {"names":[{{string.Join(',', s_needed.Select(static name => $"\"{name}\""))}}],"action":"SCMP_ACT_ALLOW"},
         {"names":["mount","umount2","bpf","getppid_of_tomorrow","shmget","accept4","connect","_llseek","setuid32"],"action":"SCMP_ACT_ERRNO","errnoRet":1101},
         {"names":["socket"],"action":"SCMP_ACT_ERRNO","errnoRet":1102,"args":[{"index":0,"value":38,"op":"SCMP_CMP_EQ"}]},
         {"names":["personality"],"action":"SCMP_ACT_ERRNO","errnoRet":1103,"args":[{"index":0,"value":4294967304,"op":"SCMP_CMP_GE"}]},
         {"names":["unshare"],"action":"SCMP_ACT_ERRNO","errnoRet":1104,"args":[{"index":0,"value":2114060288,"valueTwo":1073741824,"op":"SCMP_CMP_MASKED_EQ"}]},
         {"names":["ptrace"],"action":"SCMP_ACT_KILL_PROCESS"},
         {"names":["kexec_load"],"action":"SCMP_ACT_TRAP"},
         {"names":["keyctl"],"action":"SCMP_ACT_ERRNO","errnoRet":1200}]}
        """;

    // Nothing of it holds on x86-64: libseccomp does not load the number there.
    private const string Blind = """
        {"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"],"syscalls":[
         {"names":["socketcall"],"action":"SCMP_ACT_ERRNO","errnoRet":1301},
         {"names":["socket"],"action":"SCMP_ACT_ERRNO","errnoRet":1302,"args":[{"index":0,"value":38,"op":"SCMP_CMP_EQ"}]}]}
        """;

    // Without no_new_privs a runtime loads the filter earlier, and does more under it.
    public static TheoryData<string, string, bool> Lists() => new()
    {
        { "runc", "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"", true },
        { "runc", "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"", false },
        { "runc", "\"SCMP_ARCH_X86_64\"", true },
        { "runc", "\"SCMP_ARCH_X86_64\"", false },
        { "runc", "", true },
        { "runc", "", false },
        { "crun", "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"", true },
        { "crun", "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"", false },
        { "crun", "\"SCMP_ARCH_X86_64\"", true },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void Every_number_is_answered_as_the_model_says(string runtime, string architectures, bool noNewPrivileges)
        => Probe(runtime, s_denying.Replace("ARCHITECTURES", architectures, StringComparison.Ordinal), noNewPrivileges, atLeast: 900);

    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void A_rule_is_void_where_the_filter_does_not_load_the_number(string runtime)
    {
        (SeccompModel model, IReadOnlyList<(string Call, string Expected, string Actual)> answers) = Probe(runtime, Blind, noNewPrivileges: true, atLeast: 0);
        SeccompAnswer answer = model.Evaluate(SyscallTable.Architectures[0], 41, [38, 5, 0, 0, 0, 0]);
        Assert.Equal(SeccompOrigin.BlindFilter, answer.Origin);
        string actual = answers.Single(static item => item.Call.StartsWith("64 41 38 ", StringComparison.Ordinal)).Actual;
        Assert.NotEqual("e1302", actual);   // whatever the kernel itself says to AF_ALG
        Assert.Equal("e1301", answers.Single(static item => item.Call.StartsWith("32 102 38 ", StringComparison.Ordinal)).Actual);
    }

    private (SeccompModel Model, IReadOnlyList<(string Call, string Expected, string Actual)> Answers) Probe(string runtime, string json, bool noNewPrivileges, int atLeast)
    {
        Assert.SkipUnless(SyscallTable.Native.Name == "SCMP_ARCH_X86_64", "the probe makes the system calls of x86-64");
        SeccompModel model = SeccompModel.Of(SeccompProfile.Parse(Encoding.UTF8.GetBytes(json), "the profile"), Flavour(runtime));
        bool allows = json == Blind;
        var calls = new List<(bool Fatal, int Abi, uint Number, ulong[] Arguments)>();
        var expected = new List<string>();
        foreach ((int abi, uint number) in Numbers())
        {
            SeccompArchitecture architecture = SyscallTable.Architectures[abi == 32 ? 1 : 0];
            foreach (ulong[] arguments in (ulong[][])[[0, 0, 0, 0, 0, 0], [38, 5, 0, 0, 0, 0], [8, 0, 0, 0, 0, 0], [0x1_00000008, 0, 0, 0, 0, 0], [0x40000000, 0, 0, 0, 0, 0]])
            {
                SeccompAnswer answer = model.Evaluate(architecture, number, arguments);
                bool isSafe = (abi, number) is (64, 39) or (32, 20) || (allows && (abi, number) is (64, 41) or (32, 102));   // getpid, socket, socketcall
                if ((answer.Loosest.Action > SeccompAction.Notify && !allows) || isSafe)
                {
                    calls.Add((answer.Strictest.Action > SeccompAction.Errno, abi, number, arguments));
                    expected.Add(answer.Strictest.Action switch { SeccompAction.Errno => $"e{answer.Result.Errno}", > SeccompAction.Errno => "s31", _ => "" });
                }
            }
        }

        string[] actual = Run(runtime, json, noNewPrivileges, calls);
        Assert.Equal(calls.Count, actual.Length);
        var answers = calls.Select((call, i) => ($"{call.Abi} {call.Number} {string.Join(' ', call.Arguments)}", expected[i], actual[i])).ToList();
        // An empty expectation is a call that is let through: the kernel's own answer, which has none of our numbers.
        Assert.DoesNotContain(answers, static item => item.Item2.Length > 0 ? item.Item2 != item.Item3 : item.Item3.StartsWith("e1", StringComparison.Ordinal) && item.Item3.Length == 5);
        Assert.InRange(calls.Count, atLeast, int.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"{runtime}: {calls.Count} calls answered as the model says");
        return (model, answers);
    }

    private static IEnumerable<(int Abi, uint Number)> Numbers()
    {
        uint[] wide = [.. SyscallTable.Names.Select(static name => SyscallTable.Number(SyscallTable.Architectures[0], name)).OfType<int>().Select(static number => (uint)number)];
        uint last = wide.Max();
        for (uint number = 0; number <= last + 2; number++)
        {
            if (number is not (335 or 336))   // uretprobe and uprobe, which newer kernels let pass every filter and answer with SIGILL
            {
                yield return (64, number);
            }

            yield return (64, number | 0x40000000);   // x32, as the filter sees it, whether or not the kernel has it
            yield return (32, number);
        }

        foreach (uint odd in (uint[])[9999, 0x4000FFFF, uint.MaxValue])
        {
            yield return (64, odd);
            yield return (32, odd);
        }
    }

    private string[] Run(string runtime, string json, bool noNewPrivileges, IEnumerable<(bool Fatal, int Abi, uint Number, ulong[] Arguments)> calls)
    {
        Assert.SkipUnless(Command.Run("/bin/sh", ["-c", $"command -v {runtime}"]).ExitCode == 0, $"{runtime} is not on this machine");
        using var bundle = new TestBundle(image, "/proof/probe");
        string folder = Directory.CreateDirectory(Path.Combine(bundle.Path, "proof")).FullName;
        CallProbe.Write(folder, calls);
        JsonNode spec = JsonNode.Parse(File.ReadAllBytes(bundle.ConfigFile))!;
        spec["linux"]!["seccomp"] = JsonNode.Parse(json);
        spec["process"]!["noNewPrivileges"] = noNewPrivileges;
        spec["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/proof", ["type"] = "bind", ["source"] = folder, ["options"] = new JsonArray("bind", "ro") });
        File.WriteAllText(bundle.ConfigFile, spec.ToJsonString());
        // crun refuses to start below a hybrid hierarchy of control groups, so it gets a view with version 2 alone.
        Outcome outcome = runtime == "runc"
            ? Command.Run("runc", ["--root", bundle.Root, "run", "--bundle", bundle.Path, bundle.Id])
            : Command.Run("unshare", ["-m", "/bin/sh", "-c", "mount --make-rprivate / && umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"", "sh",
                "crun", "--root", bundle.Root, "--cgroup-manager=disabled", "run", "--bundle", bundle.Path, bundle.Id]);
        return outcome.Succeeded().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static SeccompRuntime Flavour(string runtime)
    {
        if (runtime == "crun")
        {
            return SeccompRuntime.Crun;
        }

        string[] version = Command.Run("runc", ["--version"]).Succeeded().Text.Split('\n')[0].Split(' ')[^1].Split('.');
        return int.Parse(version[0], CultureInfo.InvariantCulture) > 1 || int.Parse(version[1], CultureInfo.InvariantCulture) > 1 ? SeccompRuntime.Runc : SeccompRuntime.OldRunc;
    }
}
