using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>Where a runtime without --root keeps its containers, in its own words of help, and roots that are spelled in several ways.</summary>
public sealed class OwnRootTests(TestImage image) : IDisposable
{
    private const string World = """mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@" """;
    private const string Greedy = """{"user":{"uid":0,"gid":0},"args":["/bin/probe","status"],"cwd":"/","noNewPrivileges":false}""";

    private readonly Installation _node = new Installation().Apply(Policies.Everything);

    public void Dispose() => _node.Dispose();

    [Fact]
    public void Crun_takes_its_root_from_the_environment_and_an_exec_is_held_with_a_record_and_without()
    {
        _node.With("runtime", Crun.Program);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        string process = Path.Combine(bundle.Path, "process.json"), own = Directory.CreateDirectory(Path.Combine(_node.Folder, "user")).FullName;
        Outcome Run(string program, params string[] line) => Command.Run(
            "unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", World, "sh", "env", $"XDG_RUNTIME_DIR={own}", program, "--cgroup-manager=disabled", .. line], _node.Environment);
        try
        {
            Run(Published.Hook, "run", "--detach", "--bundle", bundle.Path, bundle.Id).Succeeded();
            Assert.Equal(bundle.Id, _node.ReadRecord($"{own}/crun", bundle.Id).Id);
            foreach (bool isLost in (bool[])[false, true])
            {
                File.WriteAllText(process, Greedy);
                if (isLost)
                {
                    Directory.Delete(Path.Combine(_node.Folder, "records"), recursive: true);
                }

                Run(Published.Hook, "exec", "--process", process, bundle.Id).Succeeded();
                Assert.Contains("\"noNewPrivileges\":true", File.ReadAllText(process), StringComparison.Ordinal);
            }
        }
        finally
        {
            Run(Crun.Program, "delete", "--force", bundle.Id);
        }
    }

    [Fact]
    public void A_root_from_the_environment_lets_no_image_sign_as_another_engine()
    {
        // No --root: Podman. Its images' annotations win over its own, so that one could call itself a sandbox of CRI-O's, which no workload's policy reaches.
        using Installation node = new Installation().Apply(Policies.Workloads).With("runtime", "/bin/true");
        string crun = Path.Combine(node.Folder, "crun");
        File.CreateSymbolicLink(crun, "/bin/true");
        node.With("runtime", crun);
        using var bundle = new TestBundle(image);
        JsonNode spec = JsonNode.Parse(File.ReadAllBytes(bundle.ConfigFile))!;
        spec["annotations"] = new JsonObject { ["io.container.manager"] = "cri-o", ["io.kubernetes.cri-o.ContainerType"] = "sandbox" };
        File.WriteAllText(bundle.ConfigFile, spec.ToJsonString());

        Command.Run("env", [$"XDG_RUNTIME_DIR={node.Folder}", Published.Hook, "create", "--bundle", bundle.Path, bundle.Id], node.Environment).Succeeded();

        Assert.Equal(("podman", JournalDecision.Allow), (node.Decisions[^1].Engine, node.Decisions[^1].Decision));
        Assert.Contains("\"noNewPrivileges\":true", File.ReadAllText(bundle.ConfigFile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_relative_to_a_folder_that_is_gone_and_an_empty_one_end_in_a_sentence_or_in_the_runtimes_own()
    {
        string gone = Directory.CreateDirectory(Path.Combine(_node.Folder, "gone")).FullName;
        Outcome Gone(string program) => Command.Run(
            "/bin/sh", ["-c", "cd \"$1\" && rmdir \"$1\" && exec \"$2\" --root rel state x", "sh", Directory.CreateDirectory(gone).FullName, program], _node.Environment);
        Outcome hook = Gone(Published.Hook), runtime = Gone(Installation.RealRuntime);
        Assert.Equal((runtime.ExitCode, WithoutTime(runtime.ErrorText)), (hook.ExitCode, WithoutTime(hook.ErrorText)));
        Assert.Contains("--root has an empty value", _node.Hook("--root", "", "exec", "x", "sh").Failed().ErrorText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//", "")]
    [InlineData("/./", "")]
    [InlineData("/", "/.")]
    [InlineData("/", "//")]
    public void A_root_in_another_spelling_is_the_same_containers(string between, string end)
    {
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        _node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        string process = Path.Combine(bundle.Path, "process.json");
        File.WriteAllText(process, Greedy);

        _node.Hook("--root", $"{Path.GetDirectoryName(bundle.Root)}{between}state{end}", "exec", "--process", process, bundle.Id).Succeeded();

        Assert.Contains("everything", _node.Decisions[^1].Policies);
    }

    [Theory]
    [InlineData("create --help")]
    [InlineData("create --bundle /no/such/folder -h none")]
    [InlineData("exec --help")]
    [InlineData("restore -h")]
    [InlineData("create")]
    [InlineData("run --bundle /no/such/folder")]
    [InlineData("exec")]
    [InlineData("exec --process /no/such/file")]
    public void Help_and_a_missing_id_get_the_runtimes_own_answer(string line)
    {
        Outcome hook = _node.Hook(line.Split(' ')), runtime = Command.Run(Installation.RealRuntime, line.Split(' '));
        Assert.Equal((runtime.ExitCode, runtime.Text), (hook.ExitCode, hook.Text));
        Assert.Equal(WithoutTime(runtime.ErrorText), WithoutTime(hook.ErrorText));
        Assert.Empty(_node.Refusals);
    }

    private static string WithoutTime(string text) => System.Text.RegularExpressions.Regex.Replace(text, "time=\"[^\"]*\"", "");
}
