using System.Text;
using System.Text.Json;

namespace Runtime.Hardening.Cli.Tests;

public sealed class SeccompCommandTests : IDisposable
{
    private const string Small = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[\n{\"names\":[\"read\",\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\"},\n"
        + "{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}]}]}";

    private readonly Hardenctl _ctl = new();

    public void Dispose() => _ctl.Dispose();

    private static string Shipped(string name) => Path.Combine(Hardenctl.FindRoot(), "profiles/seccomp", name);

    [Fact]
    public void LintOfTheShippedProfilesSaysOnStderrThatAllIsWell()
    {
        (int exit, string output, string error) = _ctl.Run("seccomp", "lint", Path.GetDirectoryName(Shipped("x"))!, "--for", "policy");
        Assert.Equal((0, ""), (exit, output));
        Assert.Matches("^[0-9]+ profiles: 0 errors, 0 warnings.\n$", error);
    }

    [Fact]
    public void LintPrintsFileLineAndColumnAndEndsWith1()
    {
        string file = Write("a.json", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n  \"syscalls\":[{\"names\":[\"monut\"],\"action\":\"SCMP_ACT_KILL\"}]}");
        (int exit, string output, _) = _ctl.Run("seccomp", "lint", file);
        Assert.Equal(1, exit);
        Assert.Contains($"{file}:2:25: warning: No architecture has a system call 'monut'.", output, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'mount'? [unknown-syscall]\n", output, StringComparison.Ordinal);
        (_, output, _) = _ctl.Run("seccomp", "lint", file, "-o", "json");
        JsonElement finding = JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray().Single(f => f.GetProperty("code").GetString() == "unknown-syscall");
        Assert.Equal((2, 25), (finding.GetProperty("line").GetInt32(), finding.GetProperty("column").GetInt32()));
    }

    [Fact]
    public void AProfileNeverBringsItsEscapeSequencesToTheTerminal()
    {
        (_, string output, _) = _ctl.Run("seccomp", "lint", Write("a.json", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"\\u001b[31mx\":1}"));
        Assert.Contains("[31mx", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    [Theory]
    [InlineData("read", "", "read (number 0) on SCMP_ARCH_X86_64: ALLOW\nwhen\tresult\tsays\twritten at\nalways\tALLOW\trule\tFILE:2:11\n")]
    [InlineData("mount", "", "mount (number 165) on SCMP_ARCH_X86_64: ERRNO(38)\nwhen\tresult\tsays\twritten at\nalways\tERRNO(38)\trunc's stub", "--runtime=crun", "default\tFILE:1:18\n")]
    [InlineData("socket", "0=2", "socket (number 41) on SCMP_ARCH_X86_64: ALLOW\nwhen\tresult\tsays\twritten at\narg0 == 0x2\tALLOW\trule\tFILE:3:11\n")]
    [InlineData("41", "0=0x28", "socket (number 41) on SCMP_ARCH_X86_64: ERRNO(38)\nwhen\tresult\tsays\twritten at\nalways\tERRNO(38)\tdefault\tFILE:1:18\n")]
    [InlineData("socket", "1=7", "socket (number 41) on SCMP_ARCH_X86_64: depends on argument 0\nwhen\tresult\tsays\twritten at\narg0 == 0x2\tALLOW\trule\tFILE:3:11\nelse\tERRNO(38)\tdefault\tFILE:1:18\n")]
    public void EvalSaysWhatHappensAndWhichLineSaysSo(string call, string argument, string expected, string? option = null, string? expectedWithOption = null)
    {
        string file = Write("a.json", Small.Replace("\"bpf\"", "\"socketpair\"", StringComparison.Ordinal));
        string[] arguments = ["seccomp", "eval", file, "--syscall", call, "--arch", "x86_64", .. argument.Length == 0 ? Array.Empty<string>() : ["--arg", argument]];
        (int exit, string output, string error) = _ctl.Run(arguments);
        Assert.Equal((0, ""), (exit, error));
        Assert.StartsWith(expected.Replace("FILE", file, StringComparison.Ordinal), output, StringComparison.Ordinal);
        if (option is not null)
        {
            Assert.EndsWith(expectedWithOption!.Replace("FILE", file, StringComparison.Ordinal), _ctl.Run([.. arguments, option]).Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void EvalAsJsonHasTheSame()
    {
        JsonElement json = JsonDocument.Parse(_ctl.Run("seccomp", "eval", Write("a.json", Small), "--syscall", "read", "--arch", "aarch64", "-o", "json").Out).RootElement;
        Assert.Equal(("read", 63, "SCMP_ARCH_AARCH64", "KILL"), (json.GetProperty("syscall").GetString(), json.GetProperty("number").GetInt32(), json.GetProperty("architecture").GetString(), json.GetProperty("result").GetString()));
        Assert.Contains("the profile is not for", json.GetProperty("because")[0].GetProperty("says").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void CompareShowsACallForEachDirection()
    {
        string a = Write("a.json", Small), b = Write("b.json", Small.Replace("\"bpf\"", "\"getpid\"", StringComparison.Ordinal));
        (int exit, string output, _) = _ctl.Run("seccomp", "compare", a, b);
        Assert.Equal(1, exit);
        Assert.Equal($"{a} and {b} are incomparable: each allows something that the other does not.\nfor example\ton\t{a}\t{b}\nbpf()\tSCMP_ARCH_X86_64\tALLOW\tERRNO(38)\ngetpid()\tSCMP_ARCH_X86_64\tERRNO(38)\tALLOW\n", output);
        Assert.Equal(0, _ctl.Run("seccomp", "compare", a, a).Exit);
        string tight = Write("c.json", Small.Replace(",\"bpf\"", "", StringComparison.Ordinal));
        Assert.Equal((0, $"{tight} is tighter than {a}.\n"), Short(_ctl.Run("seccomp", "compare", tight, a, "--expect", "tighter")));
        Assert.Equal((1, $"{a} is looser than {tight}.\n"), Short(_ctl.Run("seccomp", "compare", a, tight, "--expect", "tighter")));
        JsonElement json = JsonDocument.Parse(_ctl.Run("seccomp", "compare", a, tight, "-o", "json").Out).RootElement;
        Assert.Equal(("looser", "bpf", JsonValueKind.Null), (json.GetProperty("relation").GetString(), json.GetProperty("aAllowsMore").GetProperty("syscall").GetString(), json.GetProperty("bAllowsMore").ValueKind));
    }

    [Fact]
    public void MergeAndMeetPrintTheProfileAloneAndProveIt()
    {
        string a = Write("a.json", Small.Insert(1, "\"kept\":[1.50],")), b = Write("b.json", Small.Replace("\"bpf\"", "\"getpid\"", StringComparison.Ordinal));
        foreach ((string verb, string[] allowed) in ((string, string[])[])[("merge", ["bpf", "getpid", "read"]), ("meet", ["read"])])
        {
            (int exit, string output, string error) = _ctl.Run("seccomp", verb, a, b);
            Assert.Equal(0, exit);
            Assert.Equal(2, error.Split("Proven: ").Length - 1);
            JsonElement made = JsonDocument.Parse(output).RootElement;
            Assert.Equal("[1.50]", made.GetProperty("kept").GetRawText());
            Assert.Equal(allowed, made.GetProperty("syscalls").EnumerateArray().Where(r => !r.TryGetProperty("args", out _) && r.GetProperty("action").GetString() == "SCMP_ACT_ALLOW")
                .SelectMany(r => r.GetProperty("names").EnumerateArray()).Select(n => n.GetString()).Order());
            Write("made.json", output);
            Assert.Equal(0, (verb == "meet" ? _ctl.Run("seccomp", "compare", _ctl["made.json"], a, "--expect", "tighter") : _ctl.Run("seccomp", "compare", a, _ctl["made.json"], "--expect", "tighter")).Exit);
        }
    }

    [Theory]
    [InlineData("merge")]
    [InlineData("meet")]
    public void WhatIsMadeHasNeitherTheHeadOfAPartNorMembersOfTheSecond(string verb)
    {
        string a = Write("a.json", Small.Insert(1, "\"//\":[\"a: for somebody\"],\"kept\":1,")), b = Write("b.json", Small.Insert(1, "\"//\":[\"b: accepts\"],\"listenerPath\":\"/x\","));
        foreach ((string first, string second) in ((string, string)[])[(a, b), (b, a)])
        {
            (int exit, string output, _) = _ctl.Run("seccomp", verb, first, second);
            Assert.Equal(0, exit);
            string other = first == a ? "kept" : "listenerPath";
            Assert.Equal(["architectures", "defaultAction", "defaultErrnoRet", other, "syscalls"], JsonDocument.Parse(output).RootElement.EnumerateObject().Select(static m => m.Name).Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("read:0 LT 3", "read:0 LT 7", 0, "", "[{\"index\":0,\"value\":7,\"op\":\"SCMP_CMP_LT\"}]")]
    [InlineData("read:0 LT 7", "read:0 LT 3", 0, "", "[{\"index\":0,\"value\":7,\"op\":\"SCMP_CMP_LT\"}]")]
    [InlineData("read:0 EQ 3", "read:0 EQ 7", 0, "", null)]
    [InlineData("read:0 LT 3", "read:0 GT 7", 1, "warning: read: its conditions cannot stand side by side in libseccomp, so it is allowed with every argument [widened]\n", null)]
    [InlineData("read:0 LT 3", "read:0 GT 7|read", 0, "", null)]
    public void MergeKeepsTheWidestConditionAndWarnsOfACallThatItHadToOpen(string first, string second, int expected, string warning, string? args)
    {
        string[] files = [.. new[] { first }.Concat(second.Split('|')).Select((text, i) => Write($"{i}.json", Conditional(text)))];
        (int exit, string output, string error) = _ctl.Run(["seccomp", "merge", .. files]);
        Assert.Equal(expected, exit);
        Assert.Equal(warning, string.Concat(error.Split('\n').Where(static l => l.Length > 0 && !l.StartsWith("Proven: ", StringComparison.Ordinal)).Select(static l => l + "\n")));
        if (args is not null)
        {
            Assert.Equal(args, JsonDocument.Parse(output).RootElement.GetProperty("syscalls").EnumerateArray().Single(static r => r.TryGetProperty("args", out _)).GetProperty("args").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("getpriority:0 LT 3", "getpriority:0 NE 1", 0, "note: getpriority: the meet allows it with no argument at all, though both parts allow it with some [narrowed]\n")]
    [InlineData("write:0 LT 3", "write:0 NE 1", 1, "warning: write: the meet allows it with no argument at all, though both parts allow it with some, and runtimes call it themselves [narrowed]\n")]
    [InlineData("write:0 LT 3", "write:0 GT 3", 0, "")]
    [InlineData("write:0 LT 3", "write:0 LT 7", 0, "")]
    [InlineData("write:0 LT 3", "write", 0, "")]
    [InlineData("write:0 LT 3", "read", 0, "")]
    public void MeetNamesACallOfWhichItAllowsLessThanThePartsHaveInCommon(string first, string second, int expected, string words)
    {
        (int exit, _, string error) = _ctl.Run("seccomp", "meet", Write("0.json", Conditional(first)), Write("1.json", Conditional(second)));
        Assert.Equal(expected, exit);
        Assert.Equal(words, string.Concat(error.Split('\n').Where(static l => l.Length > 0 && !l.StartsWith("Proven: ", StringComparison.Ordinal)).Select(static l => l + "\n")));
    }

    [Theory]
    [InlineData("web.json", "restricted.json")]
    [InlineData("jvm.json", "worker.json")]
    public void MeetOfShippedProfilesLosesNothing(string first, string second)
    {
        (int exit, _, string error) = _ctl.Run("seccomp", "meet", Shipped(first), Shipped(second));
        Assert.Equal(0, exit);
        Assert.DoesNotContain("narrowed", error, StringComparison.Ordinal);
    }

    [Fact]
    public void ASecondCallWithConditionsBesideSocketsIsDoubtedByLintEvalAndCompareInTheSameWords()
    {
        const string doubt = "libseccomp may make something else of its conditions (a fault of libseccomp 2.5 and 2.6 where several conditions on one argument share a filter with other calls' conditions)";
        string text = File.ReadAllText(Shipped("web.json"));
        string changed = text.Replace("\"ioctl\", ", "", StringComparison.Ordinal).Replace("    { \"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{ \"index\": 0, \"value\": 1,",
            "    { \"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{ \"index\": 1, \"value\": 21505, \"op\": \"SCMP_CMP_EQ\" }] },\n    { \"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{ \"index\": 0, \"value\": 1,", StringComparison.Ordinal);
        string[] lines = changed.Split('\n');
        int socket = Array.FindIndex(lines, static l => l.Contains("\"value\": 16", StringComparison.Ordinal)) + 1, ioctl = Array.FindIndex(lines, static l => l.Contains("[\"ioctl\"]", StringComparison.Ordinal)) + 1;
        string file = Write("mine.json", changed);
        (int exit, string output, _) = _ctl.Run("seccomp", "lint", file);
        Assert.Equal(1, exit);
        Assert.Equal($"{file}:{socket}:17: warning: 'socket' has several entries over one argument, and {doubt}. Take the conditions away from 'ioctl' in line {ioctl}, or leave one condition in every entry of 'socket'. [conditions-may-be-confused]\n", output);
        Assert.Contains($"Not to be relied on: {doubt}.\n", _ctl.Run("seccomp", "eval", file, "--syscall", "socket").Out, StringComparison.Ordinal);
        Assert.Contains($"Not to be relied on: {doubt}.\n", _ctl.Run("seccomp", "eval", file, "--syscall", "socket", "--arg", "0=16").Out, StringComparison.Ordinal);
        Assert.Equal(doubt, JsonDocument.Parse(_ctl.Run("seccomp", "eval", file, "--syscall", "socket", "-o", "json").Out).RootElement.GetProperty("doubt").GetString());
        Assert.DoesNotContain("relied", _ctl.Run("seccomp", "eval", Shipped("web.json"), "--syscall", "socket").Out, StringComparison.Ordinal);
        Assert.Contains($"socket: {doubt}\n", _ctl.Run("seccomp", "compare", file, Shipped("web.json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void MergeOfAShippedProfileWithItselfIsTheSameProfile()
    {
        (int exit, string output, string error) = _ctl.Run("seccomp", "merge", Shipped("web.json"), Shipped("web.json"));
        Assert.Equal(0, exit);
        Assert.DoesNotContain("widened", error, StringComparison.Ordinal);
        Assert.Equal(0, _ctl.Run("seccomp", "compare", Write("made.json", output), Shipped("web.json")).Exit);
    }

    [Fact]
    public void ShrinkPrintsTheProfileOnStdoutAndTheTableOnStderr()
    {
        string recording = Write("r.txt", "read 5\nmount\n");
        (int exit, string output, string error) = _ctl.Run("seccomp", "shrink", Write("a.json", Small), "--recording", recording);
        Assert.Equal(1, exit);   // mount was recorded, and the profile refuses it
        Assert.Equal(["read"], JsonDocument.Parse(output).RootElement.GetProperty("syscalls")[0].GetProperty("names").EnumerateArray().Select(n => n.GetString()));
        Assert.Equal("syscall\tstate\tseen\trisk\twhy\nbpf\tremoved\t0\t!!!\tloads programs into the kernel\nsocket\tremoved\t0\t!\topens sockets of every family where its first argument is not compared\n"
            + "mount\trefused\t1\t!!!\tmounts a file system\nAllowed 3, used 1, removed 2, kept for runtimes and by --keep 0; recorded although the profile refuses them: 1.\n", error);
        JsonElement json = JsonDocument.Parse(_ctl.Run("seccomp", "shrink", _ctl["a.json"], "--recording", recording, "--keep", "bpf", "-o", "json").Out).RootElement;
        Assert.Equal("kept", json.GetProperty("syscalls").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "bpf").GetProperty("state").GetString());
        Assert.True(json.GetProperty("profile").TryGetProperty("defaultAction", out _));
    }

    [Fact]
    public void ACallThatIsToBeKeptAndWasNeverAllowedIsAWarning()
    {
        string recording = Write("r.txt", "read 5\n");
        (int exit, _, string error) = _ctl.Run("seccomp", "shrink", Write("a.json", Small), "--recording", recording, "--keep", "mount", "--keep", "bpf");
        Assert.Equal(1, exit);
        Assert.Equal($"warning: --keep mount: the profile refuses it, so there is nothing to keep. Allow it in '{_ctl["a.json"]}' first. [keep-refused]", Assert.Single(error.Split('\n'), static l => l.StartsWith("warning: ", StringComparison.Ordinal)));
        Assert.Equal(0, _ctl.Run("seccomp", "shrink", _ctl["a.json"], "--recording", recording, "--keep", "bpf").Exit);
    }

    [Fact]
    public void AByteOrderMarkIsAnErrorOfLintAndNotOfEval()
    {
        string file = Write("bom.json", "\uFEFF" + File.ReadAllText(Shipped("web.json")));
        (int exit, string output, _) = _ctl.Run("seccomp", "lint", file);
        Assert.Equal((1, $"{file}:1:1: error: The file begins with a byte order mark (EF BB BF), and container engines refuse it. Save it without. [byte-order-mark]\n"), (exit, output));
        Assert.Equal(0, _ctl.Run("seccomp", "eval", file, "--syscall", "read").Exit);
    }

    [Fact]
    public void ResolveThenLintThenConvertGoThroughPipes()
    {
        string docker = Write("docker.json", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{\"architecture\":\"SCMP_ARCH_AARCH64\",\"subArchitectures\":[\"SCMP_ARCH_ARM\"]}],\"unknown\":1,"
            + "\"syscalls\":[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_KILL\",\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}},{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_KILL\",\"includes\":{\"minKernel\":\"4.8\"}}]}");
        (int exit, string output, string error) = _ctl.Run("seccomp", "resolve", docker, "--arch", "arm64", "--kernel", "4.7.9-x", "--cap", "kill");
        Assert.Equal((0, "For arm64, kernel 4.7 and 1 capability: 1 of 2 entries.\n"), (exit, error));
        JsonElement oci = JsonDocument.Parse(output).RootElement;
        Assert.Equal((1, "mount", "SCMP_ARCH_ARM"), (oci.GetProperty("unknown").GetInt32(), oci.GetProperty("syscalls")[0].GetProperty("names")[0].GetString(), oci.GetProperty("architectures")[1].GetString()));
        Assert.Equal(0, JsonDocument.Parse(_ctl.Run("seccomp", "resolve", docker, "--arch", "arm64", "--kernel", "4.7", "--cap", "all").Out).RootElement.GetProperty("syscalls").GetArrayLength());
        (exit, string yaml, _) = _ctl.RunWith(output, "seccomp", "convert", "-", "--to", "kubernetes", "--name", "web");
        Assert.Equal(0, exit);
        Assert.StartsWith("apiVersion: security-profiles-operator.x-k8s.io/v1\nkind: SeccompProfile\nmetadata:\n  name: web\n", yaml, StringComparison.Ordinal);
        (exit, string back, _) = _ctl.RunWith(yaml, "seccomp", "convert", "-", "--to", "oci");
        Assert.Equal((0, "mount"), (exit, JsonDocument.Parse(back).RootElement.GetProperty("syscalls")[0].GetProperty("names")[0].GetString()));
    }

    [Theory]
    [InlineData("amd64", "default", true)]
    [InlineData("amd64", "all", true)]   // of which several bring bpf, perf_event_open and syslog
    [InlineData("s390x", "default", true)]
    [InlineData("arm64", "default", false)]   // no socketcall, so there is nothing to accept
    [InlineData("riscv64", "default", false)]
    public void WhatResolveMakesOfAShippedProfileIsAsCleanAsTheProfile(string architecture, string capabilities, bool isAccepted)
    {
        (_, string output, _) = _ctl.Run("seccomp", "resolve", Shipped("runtime-default.json"), "--cap", capabilities, "--arch", architecture);
        Assert.Equal((0, ""), Short(_ctl.RunWith(output, "seccomp", "lint", "-")));
        Assert.Equal(isAccepted, JsonDocument.Parse(output).RootElement.TryGetProperty("//", out JsonElement remarks));
        Assert.All(isAccepted ? remarks.EnumerateArray() : default, static line => Assert.StartsWith("accepts thirty-two-bit-hole: ", line.GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public void ResolveWritesACallOnceThatTwoCapabilitiesBringAndKeepsWhatDiffers()
    {
        static string Entry(string names, string more, string capability) => $"{{\"names\":[{names}],\"action\":\"SCMP_ACT_ERRNO\"{more},\"includes\":{{\"caps\":[\"{capability}\"]}}}}";
        string docker = Write("docker.json", $"{{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{Entry("\"bpf\",\"mount\"", "", "CAP_BPF")},{Entry("\"bpf\",\"acct\"", ",\"args\":[]", "CAP_SYS_ADMIN")},"
            + $"{Entry("\"bpf\"", "", "CAP_KILL")},{Entry("\"bpf\"", ",\"errnoRet\":9", "CAP_KILL")}]}}");
        (_, string output, string error) = _ctl.Run("seccomp", "resolve", docker, "--cap", "all");
        Assert.EndsWith("3 of 4 entries.\n", error, StringComparison.Ordinal);
        Assert.Equal(["bpf mount", "acct", "bpf"], JsonDocument.Parse(output).RootElement.GetProperty("syscalls").EnumerateArray().Select(static e => string.Join(' ', e.GetProperty("names").EnumerateArray())));
    }

    [Fact]
    public void ResolveKeepsAllAcceptancesOfAProfileWithErrorsBecauseLintSeesNotAllOfIt()
    {
        string docker = Write("docker.json", "{\"//\":[\"for people\",\"accepts thirty-two-bit-hole: known\"],\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":0,\"archMap\":[]}");
        JsonElement resolved = JsonDocument.Parse(_ctl.Run("seccomp", "resolve", docker).Out).RootElement;
        Assert.Equal("accepts thirty-two-bit-hole: known", Assert.Single(resolved.GetProperty("//").EnumerateArray()).GetString());
    }

    [Fact]
    public void ResolveTakesTheCapabilitiesOfASpec()
    {
        string docker = Write("docker.json", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"kill\"],\"action\":\"SCMP_ACT_LOG\",\"includes\":{\"caps\":[\"CAP_KILL\"]}}]}");
        Assert.Contains("1 of 1 entries", _ctl.Run("seccomp", "resolve", docker, "--spec", _ctl.WriteSpec(0)).Err, StringComparison.Ordinal);
        Assert.Contains("0 of 1 entries", _ctl.Run("seccomp", "resolve", docker).Err, StringComparison.Ordinal);
    }

    [Fact]
    public void PushPrintsTheDigestByWhichPullGivesTheSameBytes()
    {
        string file = Write("a.json", "{ \"//\": [\"é\"], \"defaultAction\": \"SCMP_ACT_ALLOW\" ,\"architectures\":[\"SCMP_ARCH_X86_64\"]}\n");
        (int exit, string digest, _) = _ctl.Run("seccomp", "push", file, _ctl["layout"], "--tag", "v1");
        Assert.Equal(0, exit);
        Assert.Matches("^sha256:[0-9a-f]{64}\n$", digest);
        Assert.Equal(File.ReadAllText(file), _ctl.Run("seccomp", "pull", _ctl["layout"], "--digest", digest.Trim()).Out);
        Assert.Equal(File.ReadAllText(file), _ctl.Run("seccomp", "pull", _ctl["layout"], "--tag", "v1").Out);
        Assert.Equal((2, ""), Short(_ctl.Run("seccomp", "pull", _ctl["layout"], "--tag", "v2")));
    }

    [Theory]
    [InlineData("seccomp lint", "")]
    [InlineData("seccomp lint /nonexistent.json", "cannot be read")]
    [InlineData("seccomp eval A", "--syscall")]
    [InlineData("seccomp eval A --syscall monut", "Did you mean 'mount'?")]
    [InlineData("seccomp eval A --syscall socketcall --arch x86_64", "These have it: SCMP_ARCH_X86")]
    [InlineData("seccomp eval A --syscall read --arg 6=1", "an index from 0 to 5")]
    [InlineData("seccomp eval A --syscall read --arg 0=18446744073709551616", "whole number of 64 bits")]
    [InlineData("seccomp eval A --syscall read --arg 0=1 --arg 0=2", "given twice")]
    [InlineData("seccomp eval A --syscall 4294967296", "have 32 bits")]
    [InlineData("seccomp eval A --syscall read --arch x86_46", "Did you mean 'X86_64'?")]
    [InlineData("seccomp compare A", "")]
    [InlineData("seccomp compare - -", "one of the profiles only")]
    [InlineData("seccomp merge A", "'merge' makes one profile of several: expected at least two profiles, got 1.")]
    [InlineData("seccomp meet A", "'meet' makes one profile of several: expected at least two profiles, got 1.")]
    [InlineData("seccomp meet", "")]
    [InlineData("seccomp push BOM LAYOUT", ":1:1: error: The file begins with a byte order mark")]
    [InlineData("seccomp meet A BROKEN", "Nothing was written.")]
    [InlineData("seccomp shrink ALLOW --recording A", "allows by default (ALLOW)")]
    [InlineData("seccomp shrink A --recording BROKEN", "json-syntax")]
    [InlineData("seccomp shrink A --recording A --keep raed", "Did you mean 'read'?")]
    [InlineData("seccomp resolve A --cap NET_ADMN", "Did you mean 'CAP_NET_ADMIN'?")]
    [InlineData("seccomp resolve TYPO --cap all", ":2:56: error: Unknown field 'cap' in 'includes'")]
    [InlineData("seccomp resolve A --arch z80", "is unknown here")]
    [InlineData("seccomp resolve A --kernel six", "is no version")]
    [InlineData("seccomp resolve A --spec /nonexistent", "/nonexistent")]
    [InlineData("seccomp resolve A --spec A", "a.json: this is no config.json: it has none of ociVersion, process, root, linux.")]
    [InlineData("policy explain A", "a.json: this is no config.json: it has none of ociVersion, process, root, linux.")]
    [InlineData("seccomp convert A --to yaml", "yaml")]
    [InlineData("seccomp convert A --to kubernetes --name Web", "cannot be the name")]
    [InlineData("seccomp convert TRACE --to kubernetes", "not-expressible")]
    [InlineData("seccomp push BROKEN LAYOUT", "Nothing was written.")]
    [InlineData("seccomp push A LAYOUT --tag a/b", "--tag 'a/b'")]
    [InlineData("seccomp push ALLOW /nonexistent/layout", "Make it first")]
    [InlineData("seccomp pull LAYOUT", "either --tag or --digest")]
    [InlineData("seccomp pull LAYOUT --tag a", "is not there")]
    [InlineData("seccomp pull LAYOUT --digest sha256:../../etc/passwd", "64 lower-case hex digits")]
    public void WhatCannotBeDoneEndsWith2AndASentenceAndNothingOnStdout(string line, string expected)
    {
        Write("a.json", Small);
        Write("allow.json", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"]}");
        Write("trace.json", "{\"defaultAction\":\"SCMP_ACT_TRACE\",\"defaultErrnoRet\":2}");
        Write("typo.json", "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[\n{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"cap\":[\"CAP_BPF\"]}}]}");
        Write("broken.json", "{\"defaultAction\":");
        Write("bom.json", "\uFEFF" + Small);
        string[] arguments =
        [
            .. line.Split(' ').Select(word => word switch { "A" => _ctl["a.json"], "ALLOW" => _ctl["allow.json"], "BROKEN" => _ctl["broken.json"], "BOM" => _ctl["bom.json"], "TRACE" => _ctl["trace.json"], "TYPO" => _ctl["typo.json"], "LAYOUT" => _ctl["layout"], _ => word }),
        ];
        (int exit, string output, string error) = _ctl.Run(arguments);
        Assert.Equal(2, exit);
        Assert.Contains(expected, error + output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.False(output.StartsWith('{'), output);
        Assert.False(Directory.Exists(_ctl["layout"]));
    }

    [Fact]
    public void AProfileOf50MegabytesIsRefusedAlsoThroughAPipe()
    {
        string large = new(' ', 50 * 1024 * 1024);
        (int exit, string output, string error) = _ctl.RunWith(large, "seccomp", "convert", "-", "--to", "oci");
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("more than 16777216 bytes", error, StringComparison.Ordinal);
        Write("large.json", large);
        (exit, output, _) = _ctl.Run("seccomp", "lint", _ctl["large.json"]);
        Assert.Equal(2, exit);
        Assert.Contains("file-too-large", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seccomp ", "shrink")]
    [InlineData("seccomp compare --", "--expect")]
    [InlineData("seccomp convert x --to ", "kubernetes")]
    [InlineData("seccomp eval x --runtime ", "crun")]
    public void ShellsCompleteVerbsOptionsAndWords(string line, string expected)
    {
        line = "hardenctl " + line;
        Assert.Contains(expected, _ctl.Run($"[suggest:{line.Length}]", line).Out, StringComparison.Ordinal);
    }

    // "read:0 LT 3": read is allowed where its first argument is below 3.
    private static string Conditional(string text)
    {
        string[] parts = text.Split([':', ' ']);
        string args = parts.Length == 1 ? "" : $",\"args\":[{{\"index\":{parts[1]},\"value\":{parts[3]},\"op\":\"SCMP_CMP_{parts[2]}\"}}]";
        return $"{{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86_64\"],\"syscalls\":[{{\"names\":[\"{parts[0]}\"],\"action\":\"SCMP_ACT_ALLOW\"{args}}}]}}";
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_ctl[name], text, new UTF8Encoding(false));
        return _ctl[name];
    }

    private static (int Exit, string Out) Short((int Exit, string Out, string Err) result)
        => (result.Exit, string.Concat(result.Out.Split("\nfor example")[0], result.Out.Contains("\nfor example", StringComparison.Ordinal) ? "\n" : ""));
}
