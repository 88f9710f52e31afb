using System.Diagnostics;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>Several wrapped levels, and one that leads back to the hook.</summary>
public class CircleTests(TestImage image)
{
    [Theory]
    [InlineData("state")]
    [InlineData("create")]
    public void A_wrapper_that_starts_the_hook_again_ends_with_a_sentence_and_not_never(string verb)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        node.With("runtime", Wrapper(node, Published.Hook));
        var watch = Stopwatch.StartNew();

        string error = node.Hook("--root", bundle.Root, verb, "--bundle", bundle.Path, bundle.Id).Failed().ErrorText;

        Assert.Contains("seems to lead back to hardening-hook", error, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 40);
    }

    [Fact]
    public void A_second_wrapper_below_the_hook_gets_the_hardened_spec_and_its_container_runs()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        node.With("runtime", Wrapper(node, Installation.RealRuntime));
        Assert.Equal(new ProcessStatus(0, 0, 0, 0, 0, NoNewPrivileges: true, ProcessStatus.SeccompFilter), ProcessStatus.Parse(node.Hook(bundle.Arguments("run")).Succeeded().Text));
    }

    private static string Wrapper(Installation node, string runtime)
    {
        string path = Path.Combine(node.Folder, "wrapper");
        File.WriteAllText(path, $"#!/bin/sh\nexec {runtime} \"$@\"\n");
        Command.Run("/bin/chmod", ["0700", path]).Succeeded();
        return path;
    }
}
