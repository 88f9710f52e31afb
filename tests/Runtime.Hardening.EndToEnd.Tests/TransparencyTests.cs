using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>Everything that creates no container behaves as under the bare runtime: output, errors and exit code.</summary>
public class TransparencyTests(TestImage image)
{
    [Theory]
    [InlineData("--version")]
    [InlineData("features")]
    [InlineData("--help")]
    [InlineData("spec", "--help")]
    [InlineData("no-such-verb")]
    [InlineData("--no-such-flag", "state", "x")]
    [InlineData("state", "no-such-container")]
    [InlineData("kill", "no-such-container", "KILL")]
    [InlineData("delete", "no-such-container")]
    [InlineData("delete", "--force", "no-such-container")]
    [InlineData("list", "--format", "json")]
    public void A_verb_that_creates_nothing_answers_as_the_runtime_itself(params string[] arguments)
    {
        using var node = new Installation();
        using var bundle = new TestBundle(image);
        string[] all = ["--root", bundle.Root, .. arguments];

        AssertSame(Command.Run(Installation.RealRuntime, all), node.Hook(all));
    }

    [Fact]
    public void The_state_of_a_running_container_reads_the_same_through_both()
    {
        using Installation node = new Installation().Apply(Policies.Everything);
        using var bundle = new TestBundle(image, "/bin/sleep", "60");
        node.Hook([.. bundle.Arguments("run")[..^1], "--detach", bundle.Id]).Succeeded();
        string[] state = ["--root", bundle.Root, "state", bundle.Id];

        AssertSame(Command.Run(Installation.RealRuntime, state), node.Hook(state).Succeeded());
        node.Hook("--root", bundle.Root, "kill", bundle.Id, "KILL").Succeeded();
    }

    [Fact]
    public void The_hook_stays_within_its_size()
        => Assert.InRange(new FileInfo(Published.Hook).Length, 1, 4 * 1024 * 1024);

    /// <summary>The runtime prints its own name and the time in places; both are taken out before comparing.</summary>
    private static void AssertSame(Outcome expected, Outcome actual)
    {
        Assert.Equal(expected.ExitCode, actual.ExitCode);
        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(WithoutTime(expected.ErrorText), WithoutTime(actual.ErrorText));
    }

    private static string WithoutTime(string text) => System.Text.RegularExpressions.Regex.Replace(text, "time=\"[^\"]*\"", "time");
}
