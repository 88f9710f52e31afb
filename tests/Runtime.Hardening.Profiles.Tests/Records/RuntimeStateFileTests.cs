using System.Text;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Records;

public sealed class RuntimeStateFileTests
{
    // The shape that runc 1.1 and 1.3 write, cut to what is read and a neighbour of each kind.
    private const string Runc = """
        {"id":"c1","init_process_pid":7,"config":{"no_pivot_root":false,"rootfs":"/r","labels":["bundle=/b"],
         "capabilities":{"Bounding":["CAP_KILL","CAP_CHOWN","CAP_OF_TOMORROW"],"Effective":["CAP_KILL"],"Inheritable":null,"Permitted":["CAP_KILL"],"Ambient":[]},
         "apparmor_profile":"ours","rlimits":[{"type":7,"hard":1024,"soft":512},{"type":99,"hard":1,"soft":1}],"no_new_privileges":true,
         "seccomp":{"default_action":1,"syscalls":[{"name":"x"}]},"namespaces":[{"type":"NEWNS"}]},"rootless":false}
        """;

    [Fact]
    public void RuncsStateTellsTheCeiling()
    {
        Ceiling ceiling = RuntimeStateFile.ReadRunc(Encoding.UTF8.GetBytes(Runc));
        Assert.Equal(["CAP_CHOWN CAP_KILL", "CAP_KILL", "CAP_KILL", "", ""], ceiling.Capabilities.Select(static set => string.Join(' ', set.ToNames().Order())));
        Assert.True(ceiling.NoNewPrivileges);
        Assert.True(ceiling.Seccomp);
        Assert.Equal("ours", ceiling.AppArmorProfile);
        Assert.Equal([new Rlimit("RLIMIT_NOFILE", 512, 1024)], ceiling.Rlimits);
    }

    [Fact]
    public void WhatRuncLeavesOutTheContainerDoesNotHave()
    {
        Ceiling ceiling = RuntimeStateFile.ReadRunc("""{"config":{"capabilities":null,"rlimits":null,"seccomp":null}}"""u8);
        Assert.All(ceiling.Capabilities, static set => Assert.Equal(CapabilitySet.None, set));
        Assert.False(ceiling.NoNewPrivileges || ceiling.Seccomp || ceiling.AppArmorProfile.Length > 0 || ceiling.Rlimits.Length > 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"config":7}""")]
    [InlineData("""{"config":{"capabilities":{"Bounding":[7]}}}""")]
    [InlineData("""{"config":{"rlimits":[{"type":-1}]}}""")]
    [InlineData("""{"config":{}""")]
    public void WhatIsNoStateIsRefusedWithASentence(string json)
        => Assert.Contains("state.json is not what runc writes", Assert.Throws<HardeningFormatException>(() => RuntimeStateFile.ReadRunc(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);
}
