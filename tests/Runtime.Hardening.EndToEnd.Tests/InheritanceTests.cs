using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>
/// The runtime finds itself as the engine left it: a script in its place writes down what it inherited, started once by us directly and once through the hook.
/// </summary>
public class InheritanceTests(TestImage image)
{
    // Everything that a process inherits and a container could notice; read by children, because a shell blocks signals of its own now and then.
    private const string Witness = """
        #!/bin/sh
        {
          grep -E '^(SigBlk|SigIgn|Cap|NoNewPrivs|Seccomp:|Umask)' /proc/self/status
          cat /proc/self/limits /proc/self/oom_score_adj
          for fd in /proc/$$/fd/*; do echo "${fd##*/}"; done
          tr '\0' '\n' < /proc/$$/environ | grep -vE '^(WITNESS|_)=' | sort
          pwd
          printf '<%s>' "$@"
        } > "$WITNESS"
        """;

    // The test host ignores SIGPIPE, and the hook gives the runtime the default, which is what engines start it with.
    private const string Start = "exec env --default-signal=PIPE";

    [Theory]
    [InlineData("")]
    [InlineData("trap '' USR1 HUP;")]
    [InlineData("ulimit -Sn 100; ulimit -c 0; ulimit -s 4096;")]
    [InlineData("umask 027;")]
    [InlineData("exec 5</dev/null 9>/dev/null;")]
    public void A_runtime_inherits_through_the_hook_what_it_inherits_directly(string before)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string witness = WriteWitness(node);
        foreach (string[] arguments in (string[][])[["state", "a b", "\u00e9"], [.. bundle.Arguments("create")]])
        {
            string direct = Inherited(node, before, witness, arguments);
            Assert.Contains("SigIgn", direct, StringComparison.Ordinal);
            Assert.Equal(direct, Inherited(node, before, Published.Hook, arguments));
        }
    }

    [Theory]
    [InlineData(false, "state")]
    [InlineData(false, "create")]
    [InlineData(true, "state")]
    [InlineData(true, "create")]
    [InlineData(true, "exec")]
    public void However_odd_the_caller_left_it_the_runtime_inherits_all_of_it(bool isOdd, string verb)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string witness = WitnessProgram.Build(node.Folder);
        node.With("runtime", witness);
        string process = Path.Combine(bundle.Path, "process.json");
        File.WriteAllText(process, """{"user":{"uid":0,"gid":0},"args":["/bin/true"],"cwd":"/"}""");
        Directory.CreateDirectory(Path.Combine(bundle.Root, bundle.Id));   // what an exec asks for is there
        string[] arguments = verb == "create" ? bundle.Arguments("create") : ["--root", bundle.Root, verb, "--process", process, bundle.Id, "a b"];
        string odd = isOdd ? $"{witness} --odd " : "";
        string Record(string program)
            => System.Text.Encoding.UTF8.GetString(InheritedBytes(node, $"{Start} {odd}{program} {string.Join(' ', arguments.Select(static word => $"'{word}'"))}"));

        string direct = Record(witness);

        Assert.Equal(isOdd, direct.Contains("timer 1, death signal 9, subreaper 1, slack 123456", StringComparison.Ordinal));
        Assert.Equal(direct, Record(Published.Hook));
    }

    [Fact]
    public void An_ignored_SIGPIPE_is_the_one_thing_that_is_not_passed_on()
    {
        // The framework overwrites it before a line of ours runs, so what it was is not known; the default is what engines start a runtime with.
        using var node = new Installation();
        string witness = WitnessProgram.Build(node.Folder);
        node.With("runtime", witness);
        string[] Ignored(string program) => [.. System.Text.Encoding.UTF8.GetString(InheritedBytes(node, $"trap '' PIPE; exec {program} state x")).Split('\n').Where(static line => line.StartsWith("signal ", StringComparison.Ordinal))];

        Assert.Equal(["signal 13: ignored"], Ignored(witness).Except(Ignored(Published.Hook)));
    }

    [Fact]
    public void Bytes_that_are_no_text_reach_the_runtime_as_they_were()
    {
        using var node = new Installation();
        string witness = WriteWitness(node);
        const string Arguments = "state \"$(printf 'x\\377\\376y')\"";

        Assert.Equal(InheritedBytes(node, $"{Start} {witness} {Arguments}"), InheritedBytes(node, $"{Start} {Published.Hook} {Arguments}"));
    }

    [Fact]
    public void An_exec_in_flag_form_keeps_no_new_privs_also_under_a_runtime_that_would_forget_it()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        WriteWitness(node);
        Inherited(node, "", Published.Hook, [.. bundle.Arguments("create")]);

        string exec = Inherited(node, "", Published.Hook, ["--root", bundle.Root, "exec", "--user", "1:1", bundle.Id, "sh", "-c", "--no-new-privs=false"]);

        Assert.EndsWith($"<exec><--no-new-privs><--user><1:1><{bundle.Id}><sh><-c><--no-new-privs=false>", exec, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--cap", "CAP_SYS_ADMIN")]
    [InlineData("--no-new-privs=false")]
    [InlineData("--cwd", "/proc/self/fd/7")]
    [InlineData("-cwd", "/tmp/../proc/self/fd/7/..")]
    public void An_exec_in_flag_form_cannot_ask_for_more(params string[] flags)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        WriteWitness(node);
        Inherited(node, "", Published.Hook, [.. bundle.Arguments("create")]);

        Outcome outcome = node.Hook(["--root", bundle.Root, "exec", .. flags, bundle.Id, "sh"]).Failed();

        Assert.Equal(255, outcome.ExitCode);
        Assert.Contains(flags[0], outcome.ErrorText, StringComparison.Ordinal);
    }

    private static string WriteWitness(Installation node)
    {
        string path = Path.Combine(node.Folder, "witness");
        File.WriteAllText(path, Witness);
        Command.Run("/bin/chmod", ["0700", path]).Succeeded();
        node.With("runtime", path);
        return path;
    }

    private static string Inherited(Installation node, string before, string program, string[] arguments)
        => System.Text.Encoding.UTF8.GetString(InheritedBytes(node, $"{before} {Start} {program} {string.Join(' ', arguments.Select(static word => $"'{word}'"))}"));

    private static byte[] InheritedBytes(Installation node, string script)
    {
        string written = Path.Combine(node.Folder, "inherited");
        File.Delete(written);
        Command.Run("/bin/sh", ["-c", script], new Dictionary<string, string>(node.Environment) { ["WITNESS"] = written }).Succeeded();
        return File.ReadAllBytes(written);
    }
}
