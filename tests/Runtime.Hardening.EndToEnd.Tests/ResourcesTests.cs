using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>What policies bound stays bounded, as the kernel's own files say, whatever an update asks of the real runtime.</summary>
public class ResourcesTests(TestImage image)
{
    private const string Greedy = """{"pids":{"limit":-1},"memory":{"limit":1073741824},"cpu":{"quota":-1,"period":100000,"shares":512}}""";

    [Fact]
    public void A_container_is_bounded_from_its_creation_and_its_record_says_so()
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("create")).Succeeded();

        Assert.Equal(("64", "67108864", "50000 100000"), Limits(bundle));
        Assert.Equal(new ResourceBounds(64, 64 << 20, 500), node.ReadRecord(bundle.Root, bundle.Id).Ceiling!.Resources);
        Assert.All(Assert.Single(node.Decisions).Changes, static change => Assert.Equal(("resources", "bounded"), (change.Rule, change.Policy)));
    }

    [Fact]
    public void A_limit_of_the_engine_that_is_tighter_stays()
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image);
        JsonNode spec = JsonNode.Parse(File.ReadAllBytes(bundle.ConfigFile))!;
        spec["linux"]!["resources"] = JsonNode.Parse("""{"pids":{"limit":20},"memory":{"limit":33554432},"cpu":{"quota":2000,"period":10000}}""");
        File.WriteAllText(bundle.ConfigFile, spec.ToJsonString());

        node.Hook(bundle.Arguments("create")).Succeeded();

        Assert.Equal(("20", "33554432", "2000 10000"), Limits(bundle));
        Assert.Equal(spec.ToJsonString(), File.ReadAllText(bundle.ConfigFile));
    }

    [Theory]
    [InlineData("--resources", "-")]
    [InlineData("--resources=-")]
    [InlineData("-resources", "-")]
    [InlineData("-r", "-")]
    [InlineData("-r=-")]
    public void An_update_on_standard_input_lifts_no_bound_and_sets_the_rest(params string[] form)
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("create")).Succeeded();

        Update(node, Published.Hook, bundle, Greedy, form).Succeeded();

        Assert.Equal(("64", "67108864", "50000 100000"), Limits(bundle));
        Assert.Equal(Cgroup.SharesOf512, new Cgroup(bundle).Shares);
        JournalEntry line = node.Decisions[^1];
        Assert.Equal(("update", JournalDecision.Allow, bundle.Id), (line.Verb, line.Decision, line.Id));
        Assert.Equal(
            ["linux.resources.pids.limit -1 64", "linux.resources.memory.limit 1073741824 67108864", "linux.resources.cpu.quota -1 50000"],
            line.Changes.Select(static change => $"{change.Path} {change.Before} {change.After}"));

        // The bare runtime does what it is told: else the above would prove nothing.
        Update(node, Installation.RealRuntime, bundle, Greedy, form).Succeeded();
        Assert.Equal(("max", "1073741824", "-1 100000"), Limits(bundle));
    }

    [Fact]
    public void An_update_within_the_bounds_is_done_without_a_word()
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("create")).Succeeded();

        Update(node, Published.Hook, bundle, """{"pids":{"limit":30},"memory":{"limit":20971520},"cpu":{"quota":10000,"period":50000}}""", "--resources=-").Succeeded();

        Assert.Equal(("30", "20971520", "10000 50000"), Limits(bundle));
        Assert.Single(node.Decisions);

        // And back up to the bound, which the engine may do as well.
        Update(node, Published.Hook, bundle, Greedy, "-r", "-").Succeeded();
        Assert.Equal(("64", "67108864", "50000 100000"), Limits(bundle));
    }

    [Fact]
    public void An_update_by_file_lifts_no_bound_and_leaves_the_callers_file_as_it_is()
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("create")).Succeeded();
        string file = Path.Combine(bundle.Path, "resources.json");
        File.WriteAllText(file, Greedy);

        node.Hook("--root", bundle.Root, "update", "--resources", file, bundle.Id).Succeeded();

        Assert.Equal(("64", "67108864", "50000 100000"), Limits(bundle));
        Assert.Equal(Greedy, File.ReadAllText(file));
    }

    [Theory]
    [InlineData("--pids-limit", "-1")]
    [InlineData("--pids-limit=65")]
    [InlineData("--memory=1g")]
    [InlineData("--memory", "-1")]
    [InlineData("--cpu-quota", "-1")]
    [InlineData("--cpu-quota=60000", "--cpu-period=100000")]
    [InlineData("--cpu-period=1000")]
    public void A_flag_that_would_lift_a_bound_is_refused_in_the_runtimes_own_log(params string[] flags)
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("create")).Succeeded();

        Outcome outcome = node.Hook(["--root", bundle.Root, "--log", bundle.LogFile, "--log-format", "json", "update", .. flags, bundle.Id]).Failed();

        Assert.Equal((1, "", ""), (outcome.ExitCode, outcome.Text, outcome.ErrorText));
        Assert.Contains("hardening-hook: ", bundle.LoggedError(), StringComparison.Ordinal);
        Assert.Equal(("64", "67108864", "50000 100000"), Limits(bundle));
        Assert.Equal(("update", bundle.LoggedError()), (Assert.Single(node.Refusals).Verb, "hardening-hook: " + node.Refusals[0].Message));
    }

    [Fact]
    public void Flags_within_the_bounds_reach_the_runtime()
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("create")).Succeeded();

        node.Hook("--root", bundle.Root, "update", "--pids-limit", "9", "--memory=32m", "--cpu-quota=2000", "--cpu-period=10000", "--cpu-share=512", bundle.Id).Succeeded();

        Assert.Equal(("9", "33554432", "2000 10000"), Limits(bundle));
        Assert.Equal(Cgroup.SharesOf512, new Cgroup(bundle).Shares);
    }

    [Fact]
    public void Garbage_on_standard_input_is_refused_before_the_runtime_sees_it()
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("create")).Succeeded();

        Outcome outcome = Update(node, Published.Hook, bundle, """{"pids":{"limit":5},"PIDS":{"limit":-1}}""", "--resources", "-").Failed();

        Assert.Contains("second spelling", outcome.ErrorText, StringComparison.Ordinal);
        Assert.Equal("64", new Cgroup(bundle).Pids);
    }

    [Fact]
    public void Where_policy_bounds_nothing_an_update_is_the_bare_runtimes_with_its_own_standard_input()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("create")).Succeeded();
        Update(node, Published.Hook, bundle, Greedy, "--resources", "-").Succeeded();
        Assert.Equal(("max", "1073741824", "-1 100000"), Limits(bundle));
        Assert.Single(node.Decisions);

        // A script in the runtime's place sees the very pipe, with every byte in it.
        string witness = Path.Combine(node.Folder, "witness");
        File.WriteAllText(witness, "#!/bin/sh\nreadlink /proc/$$/fd/0\ncat\n");
        Command.Run("/bin/chmod", ["0700", witness]).Succeeded();
        node.With("runtime", witness);
        string seen = Update(node, Published.Hook, bundle, "no JSON at all", "--resources", "-").Succeeded().Text;
        Assert.Matches("^pipe:\\[[0-9]+\\]\nno JSON at all\n$", seen);
    }

    [Fact]
    public void A_bounded_containers_runtime_inherits_one_descriptor_more_for_a_file_and_none_for_standard_input()
    {
        using Installation node = new Installation().Apply(Policies.Bounded);
        using var bundle = new TestBundle(image);
        node.Hook(bundle.Arguments("create")).Succeeded();
        string witness = Path.Combine(node.Folder, "witness"), file = Path.Combine(bundle.Path, "resources.json");
        File.WriteAllText(witness, "#!/bin/sh\nfor fd in /proc/$$/fd/*; do readlink $fd; done | grep -c memfd\n");
        Command.Run("/bin/chmod", ["0700", witness]).Succeeded();
        File.WriteAllText(file, Greedy);
        node.With("runtime", witness);

        Assert.Equal("1\n", Update(node, Published.Hook, bundle, Greedy, "--resources", "-").Succeeded().Text);
        Assert.Equal("1\n", Update(node, Published.Hook, bundle, "", "--resources", file).Succeeded().Text);
    }

    private static (string Pids, string Memory, string Cpu) Limits(TestBundle bundle)
    {
        var cgroup = new Cgroup(bundle);
        return (cgroup.Pids, cgroup.Memory, cgroup.Cpu.Replace("max", "-1", StringComparison.Ordinal));
    }

    private static Outcome Update(Installation node, string program, TestBundle bundle, string input, params string[] form)
        => Command.Run("/bin/sh", ["-c", "printf '%s\\n' \"$1\" | { shift; \"$@\"; }", "sh", input, program, "--root", bundle.Root, "update", .. form, bundle.Id], node.Environment);
}
