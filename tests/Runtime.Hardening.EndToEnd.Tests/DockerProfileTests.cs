using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>Profiles in Docker's format, settled by the real dockerd and by hardenctl for the same container.</summary>
[Collection(OneDocker.Name)]
public class DockerProfileTests(DockerNode node)
{
    private static readonly string[] s_plainRunc = ["--runtime", "runc"];

    public static TheoryData<string, string[]> Containers()
    {
        var rows = new TheoryData<string, string[]>();
        foreach (string profile in (string[])[EngineProfile.Installed, EngineProfile.Shipped("runtime-default")])
        {
            rows.Add(profile, []);
            rows.Add(profile, ["--cap-drop", "ALL"]);
            rows.Add(profile, ["--cap-add", "SYS_ADMIN", "--cap-add", "SYS_PTRACE"]);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void What_resolve_makes_for_a_container_is_what_dockerd_makes_for_it(string profile, string[] options)
    {
        using var engine = new EngineProfile(node.SpecOf(node.Start([.. s_plainRunc, "--security-opt", $"seccomp={profile}", .. options])));
        string settled = engine.Settled(profile);
        Assert.Equal(EngineProfile.Words(engine.File), EngineProfile.Words(settled));
        Assert.Contains(EngineProfile.DefaultErrno(engine.File), (int?[])[null, EngineProfile.DefaultErrno(settled)]);
        // Another container's is another one: else the above would prove nothing.
        string other = engine.Settled(profile, "--cap", options.Contains("--cap-add") ? "default" : "all");
        Assert.NotEqual(EngineProfile.Words(settled), EngineProfile.Words(other));
    }

    [Theory]
    [InlineData("restricted")]
    [InlineData("web")]
    [InlineData("sandbox")]
    public void Dockers_own_default_has_no_errors_and_its_meet_with_ours_is_proven_tighter_than_both(string name)
    {
        using var engine = new EngineProfile(node.SpecOf(node.Start(s_plainRunc)));
        Assert.DoesNotContain(": error: ", EngineProfile.Hardenctl("lint", engine.File).Text, StringComparison.Ordinal);
        string both = engine.Met(EngineProfile.Shipped(name));
        Assert.Equal((0, "it is tighter than the engine's."), engine.Compare(both, "--expect", "tighter"));
        Assert.Equal(0, EngineProfile.Hardenctl("compare", both, EngineProfile.Shipped(name), "--expect", "tighter").ExitCode);
    }
}
