namespace Runtime.Hardening.Cli.Tests;

public sealed class EmptyValuesTests : IDisposable
{
    private readonly Hardenctl _ctl = new();

    public void Dispose() => _ctl.Dispose();

    [Theory]
    [InlineData("seccomp lint ''", "PATH")]
    [InlineData("seccomp eval '' --syscall read", "PROFILE")]
    [InlineData("seccomp convert '' --to oci", "PROFILE")]
    [InlineData("seccomp compare web.json ''", "B")]
    [InlineData("seccomp merge web.json ''", "PROFILE")]
    [InlineData("seccomp shrink web.json --recording ''", "--recording")]
    [InlineData("seccomp resolve web.json --spec ''", "--spec")]
    [InlineData("seccomp push web.json ''", "LAYOUT")]
    [InlineData("seccomp pull '' --tag v1", "LAYOUT")]
    [InlineData("apparmor render ''", "FILE")]
    [InlineData("apparmor load ''", "PATH")]
    [InlineData("policy lint ''", "PATH")]
    [InlineData("policy lint --profiles ''", "--profiles")]
    [InlineData("policy apply ''", "DIR")]
    [InlineData("policy explain ''", "CONFIG_JSON|BUNDLE")]
    [InlineData("policy explain config.json --policies ''", "--policies")]
    [InlineData("policy diff '' ''", "DIR")]
    [InlineData("node status --config ''", "--config")]
    [InlineData("engine status --root ''", "--root")]
    public void AnEmptyTextIsRefusedAndTheSymbolNamed(string line, string name)
    {
        (int exit, string output, string error) = _ctl.Run([.. line.Split(' ').Select(static word => word == "''" ? "" : word)]);
        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith($"An empty text was given for {name}, expected a value. Is a variable not set?\n", error, StringComparison.Ordinal);
    }
}
