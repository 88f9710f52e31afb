using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>An exec whose process is described by flags: runc takes the rest from the container's config.json, crun makes up a process that has next to nothing.</summary>
public class FlagFormExecTests(TestImage image)
{
    private const string Everything = "cat /proc/self/limits; grep -E '^(Uid|Gid|Groups|Cap|NoNew|Seccomp)' /proc/self/status; pwd; busybox env; printf '%s|' \"$@\"";

    [Fact]
    public void Under_crun_a_process_gets_the_limits_of_the_container()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using TestBundle bundle = Limited();
        using Crun crun = new(node, bundle);
        crun.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        string containers = File.ReadAllText($"/proc/{crun.Process}/limits");

        Assert.Equal(containers, crun.Hook("--root", bundle.Root, "exec", bundle.Id, "cat", "/proc/self/limits").Succeeded().Text);

        Assert.Matches("Max open files +50 +60 ", containers);
        Assert.Matches("Max core file size +0 +0 ", containers);
        // The bare runtime gives its caller's: else the above would prove nothing.
        Assert.NotEqual(containers, crun.Bare("--root", bundle.Root, "exec", bundle.Id, "cat", "/proc/self/limits").Succeeded().Text);
        Assert.Equal(["process.rlimits", "process.rlimits"], node.Decisions[^1].Changes.Select(static change => change.Path));
        Assert.Matches("^RLIMIT_NOFILE=[0-9]+/[0-9]+ RLIMIT_NOFILE=50/60$", string.Join(' ', node.Decisions[^1].Changes.Select(static change => $"{change.Before} {change.After}").First()));
    }

    [Fact]
    public void Under_runc_it_has_them_by_itself_and_runc_keeps_its_own()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using TestBundle bundle = Limited();
        node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        // Not the number of open files: Go's start raises that and puts it back, now and then after runc's parent has set the container's.
        Assert.Matches("Max core file size +0 +0 ", node.Hook("--root", bundle.Root, "exec", bundle.Id, "cat", "/proc/self/limits").Succeeded().Text);

        string witness = Path.Combine(node.Folder, "witness");
        File.WriteAllText(witness, "#!/bin/sh\ncat /proc/self/limits\n");
        Command.Run("/bin/chmod", ["0700", witness]).Succeeded();
        Assert.Equal(
            Command.Run(witness, []).Succeeded().Text, node.With("runtime", witness).Hook("--root", bundle.Root, "exec", bundle.Id, "cat", "/proc/self/limits").Succeeded().Text);
    }

    [Theory]
    [InlineData()]
    [InlineData("--user", "1000:1000", "--cwd", "/tmp", "--env", "A=b c", "-eX=")]
    [InlineData("-u", "7", "--cwd=/dev", "--no-new-privs")]
    public void Under_crun_everything_else_is_as_crun_itself_makes_it(params string[] flags)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        using Crun crun = new(node, bundle);
        crun.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        string[] command = [bundle.Id, "/bin/sh", "-c", Everything, "sh", "--no-new-privs=false", "a  b", "", "--process", "'\""];

        Assert.Equal(
            crun.Bare(["--root", bundle.Root, "exec", "--no-new-privs", .. flags, .. command]).Succeeded().Text,
            crun.Hook(["--root", bundle.Root, "exec", .. flags, .. command]).Succeeded().Text);
    }

    [Fact]
    public void Under_crun_a_process_whose_container_lost_its_record_gets_the_containers_limits_too()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using TestBundle bundle = Limited();
        using Crun crun = new(node, bundle);
        crun.Bare([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();

        Match limit = Regex.Match(crun.Hook("--root", bundle.Root, "exec", bundle.Id, "cat", "/proc/self/limits").Succeeded().Text, "Max open files +([0-9]+) +([0-9]+) ");

        Assert.Equal(("50", "60"), (limit.Groups[1].Value, limit.Groups[2].Value));
    }

    private TestBundle Limited()
    {
        var bundle = new TestBundle(image, "/bin/sleep", "60");
        JsonNode spec = JsonNode.Parse(File.ReadAllBytes(bundle.ConfigFile))!;
        spec["process"]!["rlimits"] = JsonNode.Parse("""[{"type":"RLIMIT_NOFILE","soft":50,"hard":60},{"type":"RLIMIT_CORE","soft":0,"hard":0}]""");
        File.WriteAllText(bundle.ConfigFile, spec.ToJsonString());
        return bundle;
    }
}
