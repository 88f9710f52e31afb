using System.Text;
using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>What an engine's user, or whoever can reach the bundle, may put into a spec to get round its policy: refused with a sentence, or neutralised.</summary>
public class SpecAttackTests(TestImage image)
{
    // JSON that is put in front of the first member of the document or of "process", and the sentence that refuses it.
    [Theory]
    [InlineData("", "\"process\":{},", "'process'|process stands there twice")]
    [InlineData("", "\"Process\":{},", "second spelling of 'process'")]
    [InlineData("", "\"\\u0070rocess\":{},", "process stands there twice")]
    [InlineData("process", "\"noNewPrivileges\":false,", "noNewPrivileges stands there twice")]
    [InlineData("process", "\"NoNewPrivileges\":false,", "second spelling of 'noNewPrivileges'")]
    [InlineData("process", "\"capabilities\":null,", "capabilities stands there twice")]
    [InlineData("process", "\"apparmorProfile\":7,", "apparmorProfile must be a string")]
    [InlineData("linux", "\"ma\\u017fkedPaths\":[],", "second spelling of 'maskedPaths'")]
    [InlineData("", "\"annotations\":{\"a\":\"1\",\"a\":\"2\"},", "stands there twice")]
    [InlineData("", "\"annotations\":{\"a\":{}},", "must be a string")]
    [InlineData("", "\"x\":DEEP,", "not valid JSON")]
    [InlineData("", "\"x\":\"HUGE\",", "larger than 64 MiB")]
    public void A_spec_that_runtimes_would_read_differently_starts_nothing(string place, string json, string sentence)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000);
        string spec = File.ReadAllText(bundle.ConfigFile);
        string brace = place.Length == 0 ? "{" : $"\"{place}\":{{";
        int at = spec.IndexOf(brace, StringComparison.Ordinal) + brace.Length;
        if (json.StartsWith("\"annotations\"", StringComparison.Ordinal))
        {
            Assert.DoesNotContain("annotations", spec, StringComparison.Ordinal);
        }

        string attack = spec[..at] + json.Replace("DEEP", deep, StringComparison.Ordinal).Replace("HUGE", new string('a', 64 << 20), StringComparison.Ordinal) + spec[at..];
        File.WriteAllText(bundle.ConfigFile, attack);

        node.Hook(bundle.Arguments("run")).Failed();

        string error = bundle.LoggedError();
        Assert.True(sentence.Split('|').Any(part => error.Contains(part, StringComparison.Ordinal)), $"{error}\ndoes not say: {sentence}");
        Assert.Single(node.Refusals);
        Assert.Equal(attack.Length, new FileInfo(bundle.ConfigFile).Length);
    }

    [Theory]
    [InlineData("symlink", "symbolic link")]
    [InlineData("fifo", "not a regular file")]
    [InlineData("folder", "not a regular file")]
    public void A_spec_that_is_no_file_of_its_own_starts_nothing(string kind, string sentence)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        File.Move(bundle.ConfigFile, bundle.ConfigFile + ".real");
        (kind switch
        {
            "symlink" => Command.Run("ln", ["-s", bundle.ConfigFile + ".real", bundle.ConfigFile]),
            "fifo" => Command.Run("mkfifo", [bundle.ConfigFile]),
            _ => Command.Run("mkdir", [bundle.ConfigFile]),
        }).Succeeded();

        node.Hook(bundle.Arguments("run")).Failed();

        Assert.Contains(sentence, bundle.LoggedError(), StringComparison.Ordinal);
    }

    [Fact]
    public void Dots_in_the_path_of_a_bundle_lead_to_the_same_spec()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string[] arguments = [.. bundle.Arguments("run").Select(word => word == bundle.Path ? $"{bundle.Path}/../bundle/." : word)];
        Assert.True(ProcessStatus.Parse(node.Hook(arguments).Succeeded().Text).NoNewPrivileges);
    }

    [Theory]
    [InlineData("run.oci.seccomp_bpf_data", "BgAAAAAA/38=")]
    [InlineData("run.oci.keep_original_groups", "1")]
    [InlineData("run.oci.handler", "krun")]
    [InlineData("run.oci.delegate-cgroup", "../../elsewhere")]
    [InlineData("org.criu.config", "/etc/shadow")]
    [InlineData("org.systemd.property.TasksMax", "infinity")]
    public void An_annotation_that_would_undo_the_policy_never_reaches_the_runtime(string key, string value)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        Change(bundle, spec => spec["annotations"] = new JsonObject { [key] = value, ["team"] = "a" });

        node.Hook(bundle.Arguments("run")).Succeeded();

        JsonNode annotations = JsonNode.Parse(File.ReadAllBytes(bundle.ConfigFile))!["annotations"]!;
        Assert.Equal(["team"], annotations.AsObject().Select(static pair => pair.Key));
        Assert.Contains(Assert.Single(node.Decisions).Changes, change => change.Path == "annotations" && change.Before == key);
    }

    [Theory]
    [InlineData("bundle", "FOLDER")]
    [InlineData("bundle=FOLDER", "x")]
    public void An_annotation_leads_no_exec_to_another_config_than_the_one_that_was_hardened(string key, string value)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        string other = Directory.CreateDirectory(Path.Combine(node.Folder, "other")).FullName;
        Change(bundle, static spec => spec["process"]!["noNewPrivileges"] = false);
        File.Copy(bundle.ConfigFile, Path.Combine(other, "config.json"));
        Change(bundle, spec => spec["annotations"] = new JsonObject { [key.Replace("FOLDER", other, StringComparison.Ordinal)] = value.Replace("FOLDER", other, StringComparison.Ordinal) });
        node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();

        Assert.True(ProcessStatus.Parse(node.Hook("--root", bundle.Root, "exec", bundle.Id, "/bin/probe", "status").Succeeded().Text).NoNewPrivileges);
    }

    [Theory]
    [InlineData("/proc/self/fd/7/../..")]
    [InlineData("/proc/net/..")]
    public void A_process_that_would_start_behind_somebodys_descriptor_starts_at_the_root(string folder)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sh", "-c", "pwd");
        Change(bundle, spec => spec["process"]!["cwd"] = folder);
        Assert.Equal("/\n", node.Hook(bundle.Arguments("run")).Succeeded().Text);
    }

    [Theory]
    [InlineData("/nowhere/agent.sock", "No such file or directory")]
    [InlineData("agent.sock", "not an absolute path")]
    [InlineData("FOLDER/open/agent.sock", "writable by others")]
    [InlineData("FOLDER/hook.json", "it is no socket")]
    public void System_calls_are_handed_to_no_listener_that_is_not_the_nodes(string path, string sentence)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        Command.Run("mkdir", ["-m", "0777", Path.Combine(node.Folder, "open")]).Succeeded();
        Change(bundle, spec => spec["linux"]!["seccomp"] = new JsonObject
        {
            ["defaultAction"] = "SCMP_ACT_ALLOW", ["listenerPath"] = path.Replace("FOLDER", node.Folder, StringComparison.Ordinal),
            ["syscalls"] = new JsonArray(new JsonObject { ["names"] = new JsonArray("mkdir"), ["action"] = "SCMP_ACT_NOTIFY" }),
        });

        node.Hook(bundle.Arguments("run")).Failed();

        Assert.Contains("hands system calls to whoever listens at", bundle.LoggedError(), StringComparison.Ordinal);
        Assert.Contains(sentence, bundle.LoggedError(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_is_not_restored_under_a_policy_that_must_not_start_anything_unhardened()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("restore")).Failed();
        Assert.Contains("the processes of a checkpoint keep", bundle.LoggedError(), StringComparison.Ordinal);
        Assert.Contains("policy 'everything' cannot be applied", bundle.LoggedError(), StringComparison.Ordinal);
    }

    [Fact]
    public void Hooks_that_are_there_stay_and_run()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string witness = Path.Combine(node.Folder, "hook-ran");
        Change(bundle, spec => spec["hooks"] = new JsonObject { ["createRuntime"] = new JsonArray(new JsonObject { ["path"] = "/usr/bin/touch", ["args"] = new JsonArray("touch", witness) }) });
        node.Hook(bundle.Arguments("run")).Succeeded();
        Assert.True(File.Exists(witness));
    }

    [Theory]
    [InlineData("\"x\":9223372036854775808,")]
    [InlineData("\"x\":-170141183460469231731687303715884105728,")]
    [InlineData("\"x\":1e400,")]
    public void Numbers_beyond_every_type_of_ours_are_carried_over_as_they_stand(string json)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string spec = File.ReadAllText(bundle.ConfigFile);
        File.WriteAllText(bundle.ConfigFile, "{" + json + spec[1..]);
        node.Hook(bundle.Arguments("run")).Succeeded();
        Assert.StartsWith("{" + json, File.ReadAllText(bundle.ConfigFile), StringComparison.Ordinal);
    }

    private static void Change(TestBundle bundle, Action<JsonNode> change)
    {
        JsonNode spec = JsonNode.Parse(File.ReadAllBytes(bundle.ConfigFile))!;
        change(spec);
        File.WriteAllBytes(bundle.ConfigFile, Encoding.UTF8.GetBytes(spec.ToJsonString()));
    }
}
