using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>Podman's default, which is a file in Docker's format, settled by the real Podman and by hardenctl for the same container.</summary>
[Collection(OnePodman.Name)]
public class PodmanProfileTests(PodmanNode node)
{
    [Theory]
    [InlineData]
    [InlineData("--cap-drop", "ALL")]
    [InlineData("--cap-add", "SYS_ADMIN", "--cap-add", "SYS_PTRACE")]
    public void What_resolve_makes_for_a_container_is_what_podman_makes_for_it(params string[] options)
    {
        string id = node.Start(["--runtime", Installation.RealRuntime], options);
        using var engine = new EngineProfile(node.Inspect(id, "{{.OCIConfigPath}}"));
        string settled = engine.Settled(EngineProfile.Installed);
        Assert.Equal(EngineProfile.Words(engine.File), EngineProfile.Words(settled));
        Assert.Contains(EngineProfile.DefaultErrno(engine.File), (int?[])[EngineProfile.DefaultErrno(settled)]);
        // Another container's is another one: else the above would prove nothing.
        string other = engine.Settled(EngineProfile.Installed, "--cap", options.Contains("--cap-add") ? "default" : "all");
        Assert.NotEqual(EngineProfile.Words(settled), EngineProfile.Words(other));
    }
}
