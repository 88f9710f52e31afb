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

    [Theory]
    [InlineData("HOOK \"$@\"", 2)]
    [InlineData("HOOK --debug \"$@\" --of-the-wrapper; exit $?", 2)]
    [InlineData("SECOND \"$@\"; exit $?", 2)]
    [InlineData("exec SECOND \"$@\"", 40)]
    [InlineData("exec SECOND --debug \"$@\"", 40)]
    public void A_circle_of_processes_that_wait_for_each_other_ends_before_there_are_many(string wrapper, int mostTurns)
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        // Whatever the hook does, the wrapper itself ends the circle.
        string turns = Path.Combine(node.Folder, "turns"), second = Path.Combine(node.Folder, "second");
        string Bounded(string command) => $"[ \"$(wc -c < {turns})\" -lt 60 ] || exit 99\nprintf x >> {turns}\n{command}";
        File.WriteAllText(turns, "");
        Script(second, $"{Published.Hook} \"$@\"; exit $?");
        string path = Path.Combine(node.Folder, "wrapper");
        Script(path, Bounded(wrapper.Replace("HOOK", Published.Hook, StringComparison.Ordinal).Replace("SECOND", second, StringComparison.Ordinal)));
        node.With("runtime", path);

        Outcome outcome = node.Hook("--root", bundle.Root, "state", bundle.Id).Failed();

        Assert.InRange(new FileInfo(turns).Length, 1, mostTurns);
        Assert.Contains("seems to lead back to hardening-hook", outcome.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_caller_that_waits_with_the_same_words_is_no_circle()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image);
        string above = Path.Combine(node.Folder, "above");
        Script(above, $"{Published.Hook} \"$@\"; exit $?");
        Command.Run("timeout", ["60", "nice", above, .. bundle.Arguments("run")], node.Environment).Succeeded();
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
        Script(path, $"exec {runtime} \"$@\"");
        return path;
    }

    private static void Script(string path, string commands)
    {
        File.WriteAllText(path, $"#!/bin/sh\n{commands}\n");
        Command.Run("/bin/chmod", ["0700", path]).Succeeded();
    }
}
