namespace Runtime.Hardening.Hook.Tests;

public sealed class RuntimeArgumentsTests
{
    // Command lines as engines were seen to write them; expected: verb, id, bundle or process, root, log.
    [Theory]
    [InlineData("--root /run/containerd/runc/k8s.io --log /b/log.json --log-format json create --bundle /b --pid-file /b/init.pid c1", "create", "c1", "/b", "/run/containerd/runc/k8s.io", "/b/log.json")]
    [InlineData("--root /r --log /l --log-format json --systemd-cgroup create --bundle /b --pid-file /p --console-socket /s --no-pivot --no-new-keyring c1", "create", "c1", "/b", "/r", "/l")]
    [InlineData("--debug --criu /usr/sbin/criu --rootless=false --root /r --log /l create --bundle /b c1", "create", "c1", "/b", "/r", "/l")]
    [InlineData("--root /r --log /l --log-format json restore --image-path I --work-path W --detach --pid-file F --no-pivot -no-subreaper --bundle /b c1", "restore", "c1", "/b", "/r", "/l")]
    [InlineData("--systemd-cgroup --log-format=json --log /o/oci-log create --bundle /b/userdata --pid-file P --preserve-fds 2 c1", "create", "c1", "/b/userdata", "", "/o/oci-log")]
    [InlineData("--root=/run/runc create --bundle /b --pid-file /b/pidfile --no-pivot c1", "create", "c1", "/b", "/run/runc", "")]
    [InlineData("restore --bundle /b --pid-file P --detach --image-path C --work-path /b c1", "restore", "c1", "/b", "", "")]
    [InlineData("-root /r -log=/l run -b /b c1", "run", "c1", "/b", "/r", "/l")]
    [InlineData("run -bundle=/b -- c1", "run", "c1", "/b", "", "")]
    [InlineData("run --bund /b c1", "run", "c1", "/b", "", "")]
    [InlineData("run -b/b c1", "run", "c1", "/b", "", "")]
    [InlineData("run -b=/b c1", "run", "c1", "/b", "", "")]
    [InlineData("create c1 --bundle /b", "create", "c1", "/b", "", "")]
    [InlineData("create --pid P --bundle /b c1", "create", "c1", "/b", "", "")]
    [InlineData("--root create create --bundle create create", "create", "create", "create", "create", "")]
    [InlineData("run c1", "run", "c1", "", "", "")]
    [InlineData("--log file:/l --cgroup-manager systemd --log-level debug run c1", "run", "c1", "", "", "/l")]
    [InlineData("--log journald:x run c1", "run", "c1", "", "", "")]
    [InlineData("--debug=false -- create -b /b c1", "create", "c1", "/b", "", "")]
    [InlineData("create --preserve-fds=3 --pidfd-socket /s --bundle /b c1", "create", "c1", "/b", "", "")]
    public void WhatStartsAContainerIsUnderstood(string line, string verb, string id, string bundle, string root, string log)
    {
        RuntimeArguments arguments = Parse(line);
        Assert.True(arguments.StartsContainer);
        Assert.Equal((verb, id, bundle, root, log), (arguments.VerbText, arguments.Id, arguments.Bundle, arguments.Root, arguments.Log));
        Assert.Null(arguments.UnknownFlag);
        Assert.Equal(line.Split(' '), arguments.All);
    }

    [Theory]
    [InlineData("create --bundle /b --flag-of-tomorrow value c1", "c1")]
    [InlineData("create c1 --bundle /b c2 c3", "c2")]
    [InlineData("create --bundle /b c1", null)]
    [InlineData("exec c1 sh -c", null)]
    public void ASecondArgumentWhereOneIdBelongsIsNoticed(string line, string? second) => Assert.Equal(second, Parse(line).SecondId);

    [Theory]
    [InlineData("--root /r --log /l --log-format json exec --process /tmp/runc-process1 --console-socket /s --detach --pid-file /p c1", "c1", "/tmp/runc-process1")]
    [InlineData("--log-format=json --log L exec --pid-file P --process F --detach --preserve-fds 1 c1", "c1", "F")]
    [InlineData("--root=R exec --pid-file P --process F --detach c1", "c1", "F")]
    [InlineData("--root R --systemd-cgroup exec --process=F c1", "c1", "F")]
    [InlineData("exec -p F c1", "c1", "F")]
    [InlineData("exec -pF c1", "c1", "F")]
    [InlineData("exec -dp F c1", "c1", "F")]
    [InlineData("exec -dtpF c1 sh", "c1", "")]
    [InlineData("exec -tp c1 sh", "c1", "")]
    [InlineData("exec -dt -pF c1", "c1", "F")]
    [InlineData("exec -detach -p F c1", "c1", "F")]
    [InlineData("exec c1 sh -c --process F", "c1", "")]
    [InlineData("exec -t -e A=B -u 1000:1000 --cwd / c1 ls --process=/x", "c1", "")]
    [InlineData("exec -- c1 --process F", "c1", "")]
    [InlineData("exec --env --process c1", "c1", "")]
    [InlineData("exec exec create", "exec", "")]
    public void WhatJoinsAContainerIsUnderstood(string line, string id, string process)
    {
        RuntimeArguments arguments = Parse(line);
        Assert.Equal((RuntimeVerb.Exec, id, process), (arguments.Verb, arguments.Id, arguments.Process));
    }

    [Fact]
    public void FlagsThatCouldLoosenAnExecAreSeen()
    {
        RuntimeArguments arguments = Parse("exec --cap CAP_SYS_ADMIN -c CAP_KILL --apparmor unconfined --no-new-privs=false c1 sh --cap CAP_BPF");
        Assert.Equal(["CAP_SYS_ADMIN", "CAP_KILL"], arguments.Capabilities);
        Assert.Equal("unconfined", arguments.AppArmor);
        Assert.False(arguments.NoNewPrivileges);
        Assert.True(arguments.DropsNoNewPrivileges);
        Assert.True(Parse("exec --no-new-privs c1").NoNewPrivileges);
    }

    [Theory]
    [InlineData("--root /r --log /l start c1", "start")]
    [InlineData("--root /r kill --all c1 9", "kill")]
    [InlineData("kill create 15", "kill")]
    [InlineData("ps --format json c1", "ps")]
    [InlineData("checkpoint --image-path P --work-path W c1", "checkpoint")]
    [InlineData("delete --force c1", "delete")]
    [InlineData("features", "features")]
    [InlineData("--version", "")]
    [InlineData("-v", "")]
    [InlineData("--root /r", "")]
    [InlineData("--root", "")]
    public void EverythingElsePassesThrough(string line, string verb)
    {
        RuntimeArguments arguments = Parse(line);
        Assert.Equal((RuntimeVerb.Other, verb, null), (arguments.Verb, arguments.VerbText, arguments.UnknownFlag));
    }

    [Theory]
    [InlineData("--frobnicate create --bundle /b c1", "--frobnicate")]
    [InlineData("-x --debug create c1", "-x")]
    [InlineData("--ro /r create c1", "--ro")]
    public void AFlagThatMayTakeAValueIsReported(string line, string flag) => Assert.Equal(flag, Parse(line).UnknownFlag);

    [Fact]
    public void AnUnknownFlagWithItsValueAttachedMisleadsNobody()
    {
        RuntimeArguments arguments = Parse("--frobnicate=1 create --bundle /b c1");
        Assert.Equal((RuntimeVerb.Create, null), (arguments.Verb, arguments.UnknownFlag));
    }

    [Fact]
    public void CrunsOtherSpecIsSeen() => Assert.Equal("/other.json", Parse("run --config /other.json c1").Config);

    [Fact]
    public void NoArgumentsAreNoVerb() => Assert.Equal(RuntimeVerb.Other, RuntimeArguments.Parse([]).Verb);

    private static RuntimeArguments Parse(string line) => RuntimeArguments.Parse(line.Split(' '));
}
