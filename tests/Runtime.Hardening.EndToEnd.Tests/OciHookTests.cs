using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>What an OCI hook can and cannot do under the real runc: why there is a wrapper, and what the gate adds to it.</summary>
public class OciHookTests(TestImage image)
{
    // What another vendor's runtime in front of runc does: edit config.json of the bundle, then become runc.
    private const string SecondWrapper = """
        #!/bin/bash
        set -euo pipefail
        for ((i = 1; i < $#; i++)); do
          if [ "${!i}" = --bundle ]; then
            next=$((i + 1)) bundle=${!next}
            jq 'FILTER' "$bundle/config.json" > "$bundle/second"
            mv "$bundle/second" "$bundle/config.json"
          fi
        done
        exec RUNC "$@"
        """;

    [Theory]
    [InlineData("prestart")]
    [InlineData("createRuntime")]
    public void A_hook_that_edits_config_json_changes_nothing(string stage)
    {
        using var bundle = new TestBundle(image);
        string script = Script(bundle.Path, "hook", """
            #!/bin/bash
            set -euo pipefail
            cat >/dev/null
            jq '.process.noNewPrivileges = true | .process.capabilities = {}' config.json > edited
            mv edited config.json
            """);
        AddHook(bundle, stage, script);

        ProcessStatus status = ProcessStatus.Parse(Command.Run(Installation.RealRuntime, bundle.Arguments("run")).Succeeded().Text);

        Assert.True(JsonNode.Parse(File.ReadAllBytes(bundle.ConfigFile))!["process"]!["noNewPrivileges"]!.GetValue<bool>());   // it did edit
        Assert.False(status.NoNewPrivileges);
        Assert.NotEqual(0ul, status.Effective);
    }

    [Theory]
    [InlineData("prestart")]
    [InlineData("createRuntime")]
    public void The_gate_refuses_plain_runc_and_opens_to_the_wrapper(string stage)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var round = new TestBundle(image);
        AddGate(round, node, stage);
        Command.Run(Installation.RealRuntime, round.Arguments("run")).Failed();
        string error = round.LoggedError();
        Assert.Contains($"hardening-hook: container '{round.Id}' was started through a runtime entry that does not go through hardening-hook; ", error, StringComparison.Ordinal);
        Assert.Contains("start it through the hardened entry", error, StringComparison.Ordinal);
        Assert.Equal((round.Id, "gate", round.Root), (node.Refusals[0].Id, node.Refusals[0].Verb, node.Refusals[0].Root));

        using var through = new TestBundle(image);
        AddGate(through, node, stage);
        Assert.True(ProcessStatus.Parse(node.Hook(through.Arguments("run")).Succeeded().Text).NoNewPrivileges);
        Assert.Equal(["run"], node.Decisions.Select(static line => line.Verb));
    }

    [Theory]
    [InlineData("prestart")]
    [InlineData("createRuntime")]
    public void The_gate_refuses_plain_crun_and_opens_to_the_wrapper_above_crun(string stage)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var round = new TestBundle(image);
        using Crun crunOfRound = new(node, round);
        AddGate(round, node, stage);
        Outcome refused = crunOfRound.Bare("--root", round.Root, "run", "--bundle", round.Path, round.Id).Failed();
        // crun drops what its hooks say, so its user reads that much, and the journal has the sentence.
        Assert.Equal("", refused.Text);
        Assert.Matches($"error executing hook .*{Published.Hook}.*exit code: 1", refused.ErrorText);
        Assert.Equal((round.Id, "gate", round.Root), (node.Refusals[0].Id, node.Refusals[0].Verb, node.Refusals[0].Root));
        Assert.StartsWith($"container '{round.Id}' was started through a runtime entry that does not go through hardening-hook; ", node.Refusals[0].Message, StringComparison.Ordinal);

        using var through = new TestBundle(image);
        using Crun crunOfThrough = new(node, through);
        AddGate(through, node, stage);
        Assert.True(ProcessStatus.Parse(crunOfThrough.Hook("--root", through.Root, "run", "--bundle", through.Path, through.Id).Succeeded().Text).NoNewPrivileges);
        Assert.Equal(["run"], node.Decisions.Select(static line => line.Verb));
        Assert.Single(node.Refusals);
    }

    [Fact]
    public void The_gate_knows_the_engine_by_the_calling_runtimes_root()
    {
        using Installation node = new Installation().Apply(Policies.Hardened("state"));
        using var bundle = new TestBundle(image);
        AddGate(bundle, node);
        string[] arguments = bundle.Arguments("run");
        arguments[1] = Path.Combine(Path.GetDirectoryName(bundle.Root)!, "containerd", "state");
        Command.Run(Installation.RealRuntime, arguments).Failed();
        Assert.Equal("containerd", Assert.Single(node.Refusals).Engine);
        Command.Run(Installation.RealRuntime, bundle.Arguments("run")).Succeeded();   // the same bundle below a root that is not containerd's
    }

    [Theory]
    [InlineData("""{"path":"/dev/hardening-test","type":"c","major":1,"minor":3,"fileMode":438} as $d | .linux.devices += [$d]""", "/dev/hardening-test")]
    [InlineData(""".hooks.createRuntime += [{"path":"/bin/true"}] | .mounts += [{"destination":"/tmp/second","type":"tmpfs","source":"tmpfs"}]""", "/tmp/second")]
    [InlineData(""".process.env += ["SECOND=1"] | del(.linux.seccomp.syscalls[].args | select(. == []))""", "SECOND")]
    public void A_second_wrapper_below_us_that_adds_what_it_needs_passes_the_gate(string filter, string added)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        AddGate(bundle, node);
        node.With("runtime", SecondRuntime(node, filter));

        ProcessStatus status = ProcessStatus.Parse(node.Hook(bundle.Arguments("run")).Succeeded().Text);

        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), status);
        Assert.Contains(added, File.ReadAllText(bundle.ConfigFile), StringComparison.Ordinal);
        Assert.Empty(node.Refusals);
    }

    [Theory]
    [InlineData("del(.linux.seccomp)", "linux.seccomp is gone")]
    [InlineData(""".linux.seccomp.syscalls += [{"names":["mount"],"action":"SCMP_ACT_ALLOW"}]""", "linux.seccomp is another profile")]
    [InlineData(""".process.capabilities.bounding += ["CAP_SYS_ADMIN"]""", "process.capabilities.bounding has gained CAP_SYS_ADMIN")]
    [InlineData(".process.noNewPrivileges = false", "process.noNewPrivileges is no longer true")]
    [InlineData("""del(.linux.maskedPaths[] | select(. == "/proc/kcore"))""", "linux.maskedPaths has lost /proc/kcore")]
    public void A_second_wrapper_below_us_that_loosens_is_stopped_by_the_gate(string filter, string expected)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        AddGate(bundle, node);
        node.With("runtime", SecondRuntime(node, filter));

        node.Hook(bundle.Arguments("run")).Failed();

        string error = bundle.LoggedError();
        Assert.Contains($"container '{bundle.Id}' is not as hardening-hook left it (policy 'everything'): {expected}", error, StringComparison.Ordinal);
        Assert.Contains("let wrappers that change these fields stand above hardening-hook", error, StringComparison.Ordinal);
        Assert.Equal("gate", Assert.Single(node.Refusals).Verb);
    }

    [Theory]
    [InlineData("", "without a stage")]
    [InlineData("later", "'later' is no stage")]
    [InlineData("poststart", "use createRuntime")]
    public void A_stage_that_holds_nothing_is_a_wrong_use(string stage, string expected)
    {
        using var node = new Installation();
        Outcome outcome = node.Hook(["oci-hook", .. stage.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(expected, outcome.ErrorText, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public void The_filter_hardens_also_where_its_caller_stands_in_a_folder_that_is_gone()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string id = new('a', 64), gone = Path.Combine(node.Folder, "gone");
        string spec = File.ReadAllText(bundle.ConfigFile).Replace($"/{bundle.Id}\"", $"/libpod-{id}\"", StringComparison.Ordinal);
        File.WriteAllText(bundle.ConfigFile, spec);
        string[] filter = ["-c", "mkdir \"$1\" && cd \"$1\" && rmdir \"$1\" && exec \"$2\" precreate < \"$3\"", "sh", gone, Published.Hook, bundle.ConfigFile];

        Assert.Contains("\"noNewPrivileges\":true", Command.Run("/bin/sh", filter, node.Environment).Succeeded().Text, StringComparison.Ordinal);

        File.WriteAllText(bundle.ConfigFile, spec + "{}");
        Outcome refused = Command.Run("/bin/sh", filter, node.Environment).Failed();
        Assert.Equal("", refused.Text);
        Assert.Equal("hardening-hook: 2 bytes follow the JSON document on standard input; only one config.json was expected there, as Podman writes it\n", refused.ErrorText);
    }

    [Theory]
    [InlineData("precreate")]
    [InlineData("oci-hook")]
    public void A_container_may_be_called_like_a_role(string name)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string id = $"{name}-{bundle.Id}";
        Assert.True(ProcessStatus.Parse(node.Hook([.. bundle.Arguments("run")[..^1], name]).Succeeded().Text).NoNewPrivileges);
        Assert.True(ProcessStatus.Parse(node.Hook([.. bundle.Arguments("run")[..^1], id]).Succeeded().Text).NoNewPrivileges);
    }

    private static string SecondRuntime(Installation node, string filter) => Script(
        node.Folder, "second-runc", SecondWrapper.Replace("FILTER", filter, StringComparison.Ordinal).Replace("RUNC", Installation.RealRuntime, StringComparison.Ordinal));

    private static string Script(string folder, string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text.ReplaceLineEndings("\n") + "\n");
        Command.Run("/bin/chmod", ["755", path]).Succeeded();
        return path;
    }

    private static void AddGate(TestBundle bundle, Installation node, string stage = "createRuntime")
        => AddHook(bundle, stage, Published.Hook, ["hardening-hook", "oci-hook", stage], [$"HARDENING_CONFIG={node.Settings}"]);

    private static void AddHook(TestBundle bundle, string stage, string path, string[]? arguments = null, string[]? environment = null)
    {
        JsonNode spec = JsonNode.Parse(File.ReadAllBytes(bundle.ConfigFile))!;
        spec["hooks"] = new JsonObject
        {
            [stage] = new JsonArray(new JsonObject
            {
                ["path"] = path,
                ["args"] = new JsonArray([.. (arguments ?? [path]).Select(static word => JsonValue.Create(word))]),
                ["env"] = new JsonArray([.. (environment ?? []).Append("PATH=/usr/sbin:/usr/bin:/sbin:/bin").Select(static word => JsonValue.Create(word))]),
            }),
        };
        File.WriteAllText(bundle.ConfigFile, spec.ToJsonString());
    }
}
