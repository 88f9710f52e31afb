namespace Runtime.Hardening.Hook.Tests;

/// <summary>The root of a runtime that is given none.</summary>
public sealed class RootPathTests
{
    [Theory]
    [InlineData("/usr/bin/crun", "/run/user/0", "/run/user/0/crun")]
    [InlineData("/usr/bin/crun", "/run/user//0/", "/run/user/0/crun")]
    [InlineData("/usr/bin/crun", "", null)]
    [InlineData("/usr/bin/crun", null, null)]
    [InlineData("/usr/bin/runc", "/run/user/0", null)]   // the host's root, as whom these tests run
    [InlineData("/usr/bin/another", "/run/user/0", null)]
    public void IsThatOfItsEnvironmentWhereTheRuntimeLooksThere(string runtime, string? folder, string? root)
    {
        string? before = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        try
        {
            Environment.SetEnvironmentVariable("XDG_RUNTIME_DIR", folder);
            Assert.Equal(root, RootPath.OfEnvironment(runtime));
        }
        finally
        {
            Environment.SetEnvironmentVariable("XDG_RUNTIME_DIR", before);
        }
    }
}
