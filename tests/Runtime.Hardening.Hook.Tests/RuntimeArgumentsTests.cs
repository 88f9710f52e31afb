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
    [InlineData("--root /create create --bundle create create", "create", "create", "create", "/create", "")]
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
        Assert.Equal((null, null), (arguments.UnknownFlag, arguments.UnclearFlag));
    }

    // What engines were seen to write, and what has one meaning, is forwarded byte for byte.
    [Theory]
    [InlineData("--root /r --log /l --log-format json create --bundle /b --pid-file /b/init.pid c1")]
    [InlineData("--debug --criu /usr/sbin/criu --rootless=false --root /r --log /l --systemd-cgroup create --bundle /b --console-socket /s --no-pivot --no-new-keyring c1")]
    [InlineData("--root /r --log /l --log-format json restore --image-path I --work-path W --detach --pid-file F --no-pivot -no-subreaper --bundle /b c1")]
    [InlineData("--systemd-cgroup --log-format=json --log /o/oci-log create --bundle /b/userdata --pid-file P --preserve-fds 2 c1")]
    [InlineData("-root /r -log=/l run -b /b -d c1")]
    [InlineData("run -b/b c1")]
    [InlineData("--root /r exec --process /tmp/runc-process1 --console-socket /s --detach --pid-file /p c1")]
    [InlineData("exec -t -e A=B -u 1000:1000 --cwd / c1 ls -process=/x -p=F --pro=F")]
    [InlineData("exec -dp F c1")]
    [InlineData("exec -tpF c1 sh")]
    [InlineData("--root /r update --resources - c1")]
    [InlineData("--root /r update --resources=- c1")]
    [InlineData("--root /r update --pids-limit=-1 -r F c1")]
    [InlineData("--root /r kill -all c1 9")]
    public void WhatHasOneMeaningIsForwardedAsItCame(string line) => Assert.Equal(line, Forwarded(line));

    [Theory]
    [InlineData("run -b=/b c1", "run --bundle=/b c1")]
    [InlineData("run -bundle=/b c1", "run --bundle=/b c1")]
    [InlineData("run -bundle /b c1", "run --bundle /b c1")]
    [InlineData("run --bund /b c1", "run --bundle /b c1")]
    [InlineData("run --bund=/b c1", "run --bundle=/b c1")]
    [InlineData("run --b=/b c1", "run --bundle=/b c1")]
    [InlineData("restore --f x c1", "restore --config x c1")]   // to crun's restore it begins file-locks
    [InlineData("run -detach c1", "run --detach c1")]
    [InlineData("exec -p=F c1", "exec --process=F c1")]
    [InlineData("exec -process=F c1", "exec --process=F c1")]
    [InlineData("exec -process F c1", "exec --process F c1")]
    [InlineData("exec --cap CAP_KILL -env A=B c1 /bin/sh", "exec --cap CAP_KILL --env A=B c1 /bin/sh")]
    [InlineData("exec -cap X -cwd / -cgroup / -user 1 -pid-file f -tty -detach c1 -cap Y", "exec --cap X --cwd / --cgroup / --user 1 --pid-file f --tty --detach c1 -cap Y")]
    [InlineData("exec --prog x c1", "exec --program-name x c1")]
    [InlineData("update -resources=F c1", "update --resources=F c1")]
    [InlineData("update -resources F -r=G --re=H c1", "update --resources F --resources=G --resources=H c1")]
    public void WhatHasSeveralIsWrittenOut(string line, string forwarded) => Assert.Equal(forwarded, Forwarded(line));

    [Theory]
    [InlineData("run -b GOOD --program-name -bDECOY c1", "c1", "GOOD", "")]
    [InlineData("exec --program-name x --process F c1", "c1", "", "F")]
    [InlineData("exec --prog x --cap CAP_SYS_ADMIN c1 sh", "c1", "", "")]
    [InlineData("--program-name exec exec --process F c1", "c1", "", "F")]
    [InlineData("exec --cap CAP_SYS_ADMIN -env c1 /bin/sh", "/bin/sh", "", "")]
    public void ArgpsHiddenFlagTakesAValueAndGosLongNamesDoBehindOneDash(string line, string id, string bundle, string process)
    {
        RuntimeArguments arguments = Parse(line);
        Assert.Equal((id, bundle, process, null, null), (arguments.Id, arguments.Bundle, arguments.Process, arguments.UnknownFlag, arguments.UnclearFlag));
    }

    [Theory]
    [InlineData("exec --newflag v --process F c1", "--newflag")]
    [InlineData("exec --newflag c1", "--newflag")]
    [InlineData("exec --newflag=v --process F c1", null)]
    [InlineData("exec -x c1", "-x")]
    [InlineData("exec -xpF c1", "-xpF")]
    [InlineData("exec -xp=F c1", "-xp=F")]
    [InlineData("exec --proc F c1", "--proc")]      // to a crun without --process-label it is --process
    [InlineData("exec --proc=F c1", "--proc=F")]
    [InlineData("exec c1 --newflag", null)]
    [InlineData("exec --ignore-paused -dt --no-new-privs c1", null)]
    [InlineData("create --pid P --bundle /b c1", "--pid")]
    [InlineData("create --bundle GOOD --newflag --bundle=DECOY c1", "--newflag")]
    [InlineData("create --bundle /b --newflag c1", null)]
    [InlineData("create --bundle /b --newflag=x c1", null)]
    [InlineData("create c1 --newflag", null)]
    [InlineData("create -zb/b c1", "-zb/b")]
    [InlineData("create --=x c1", "--=x")]
    [InlineData("create -b=/\ufffd c1", "-b=/\ufffd")]
    public void AfterAFlagThatIsUnclearNothingIsCertain(string line, string? flag) => Assert.Equal(flag, Parse(line).UnclearFlag);

    [Theory]
    [InlineData("create --help", "create --help")]
    [InlineData("create --bundle /b -h c1", "create -h")]
    [InlineData("exec -? c1 sh", "exec -?")]
    [InlineData("run --usage --help=false --bundle /b c1", "run --usage")]
    [InlineData("--root /r exec --process F", "--root /r exec --process F")]
    [InlineData("create", "create")]
    [InlineData("create --help=false c1", null)]
    [InlineData("exec c1 --help", null)]
    [InlineData("create --bundle --help c1", null)]
    [InlineData("exec -- ", null)]   // the id is an empty word
    [InlineData("update --help", null)]
    [InlineData("kill --help", null)]
    public void WhoAsksForHelpOrNamesNoContainerGetsTheRuntimesOwnWords(string line, string? forwarded)
    {
        RuntimeArguments arguments = Parse(line);
        Assert.Equal(forwarded, CommandLineChecks.StartsNothing(arguments) ? string.Join(' ', CommandLineChecks.Harmless(arguments)) : null);
    }

    [Theory]
    [InlineData("/run//rt", "/run/rt")]
    [InlineData("/run/rt/", "/run/rt")]
    [InlineData("/run/./rt/.", "/run/rt")]
    [InlineData("//run/rt", "/run/rt")]
    [InlineData("/run/.rt/..x", "/run/.rt/..x")]
    [InlineData("/run/x/../rt", "/run/x/../rt")]
    [InlineData("/", "/")]
    [InlineData("//", "/")]
    public void OneRootHasOneName(string given, string name) => Assert.Equal(name, Parse($"--root {given} exec c1").Root);

    [Fact]
    public void ARootThatCountsFromTheCurrentFolderIsMadeAbsolute()
        => Assert.Equal($"{Environment.CurrentDirectory}/a/b", Parse("--root ./a//b/ exec c1").Root);

    [Theory]
    [InlineData("--rootless /run/rt exec c1", "neither true, false nor auto")]
    [InlineData("--rootless=/run/rt update --pids-limit -1 c1", "neither true, false nor auto")]
    [InlineData("--rootless=auto exec c1", null)]
    [InlineData("create --bundle /\ufffd c1", "no UTF-8")]
    [InlineData("exec --process \ufffd c1", "no UTF-8")]
    [InlineData("exec --env \ufffd c1 \ufffd", null)]
    public void WhatALookCannotSettleIsRefused(string line, string? refusal)
    {
        RuntimeArguments arguments = Parse(line);
        if (refusal is null)
        {
            CommandLineChecks.RefuseUnclear(arguments);
        }
        else
        {
            Assert.Contains(refusal, Assert.Throws<Refusal>(() => CommandLineChecks.RefuseUnclear(arguments)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("exec --cgroup ../../.. c1", "../../..")]
    [InlineData("exec --cgroup a --cgroup memory:../x --cgroup b c1", "memory:../x")]
    [InlineData("exec --cgroup a..b/..c c1", "")]
    [InlineData("exec --cgroup / c1 --cgroup ..", "")]
    public void ACgroupAboveTheContainersIsSeen(string line, string above) => Assert.Equal(above, Parse(line).CgroupAbove);

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
    [InlineData("--ro=/r create c1", "--ro=/r")]
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

    private static string Forwarded(string line)
    {
        RuntimeArguments arguments = Parse(line);
        if (arguments.Verb == RuntimeVerb.Update)
        {
            UpdateArguments.Parse(arguments);
        }

        return string.Join(' ', arguments.All);
    }

    private static RuntimeArguments Parse(string line) => RuntimeArguments.Parse(line.Split(' '));
}
