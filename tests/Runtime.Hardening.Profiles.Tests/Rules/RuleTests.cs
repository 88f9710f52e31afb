using System.Text;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Rules;

/// <summary>Each rule as before and after.</summary>
public sealed class RuleTests
{
    private static readonly Policy s_policy = new() { Name = "p" };

    [Theory]
    [InlineData("""{"process":{}}""", """{"process":{"noNewPrivileges":true}}""")]
    [InlineData("""{"process":{"noNewPrivileges":false}}""", """{"process":{"noNewPrivileges":true}}""")]
    [InlineData("""{"process":{"noNewPrivileges":true}}""", """{"process":{"noNewPrivileges":true}}""")]
    [InlineData("""{"process":null}""", """{"process":null}""")]
    public void NoNewPrivilegesIsSet(string before, string after) => Assert.Equal(after, Given.Harden(before, s_policy with { NoNewPrivileges = true }));

    [Theory]
    [InlineData("""["CAP_KILL","CAP_CHOWN"]""", """["CAP_KILL"]""")]
    [InlineData("""["CAP_KILL", "CAP_OF_TOMORROW"]""", """["CAP_KILL"]""")]
    [InlineData("""["cap_kill","cap_sys_admin","21","5","CAP_KILL x","5\u0022"]""", """["cap_kill","5"]""")]
    [InlineData("""[ "CAP_KILL" ]""", """[ "CAP_KILL" ]""")]
    [InlineData("null", "null")]
    public void CapabilitiesAreCutToTheKeepList(string before, string after)
    {
        Assert.True(CapabilitySet.TryParse("CAP_KILL", out CapabilitySet kill));
        string Spec(string set) => $"{{\"process\":{{\"capabilities\":{{\"ambient\":{set}}}}}}}";
        Assert.Equal(Spec(after), Given.Harden(Spec(before), s_policy with { KeepCapabilities = kill }));
    }

    [Theory]
    [InlineData("""{"root":{"path":"r"}}""", """{"root":{"readonly":true,"path":"r"}}""")]
    [InlineData("""{"root":{"readonly":false}}""", """{"root":{"readonly":true}}""")]
    public void TheRootBecomesReadOnly(string before, string after) => Assert.Equal(after, Given.Harden(before, s_policy with { ReadOnlyRootFilesystem = true }));

    [Theory]
    [InlineData("""{"linux":{}}""", """{"linux":{"maskedPaths":["/a","/b"],"readonlyPaths":["/c"]}}""")]
    [InlineData("""{"linux":{"maskedPaths":["/b" ],"readonlyPaths":null}}""", """{"linux":{"maskedPaths":["/b" ,"/a"],"readonlyPaths":["/c"]}}""")]
    [InlineData("""{"linux":{"maskedPaths":["/c"]}}""", """{"linux":{"maskedPaths":["/c","/a","/b"]}}""")]
    public void PathsAreAddedBehindTheEnginesOwn(string before, string after)
        => Assert.Equal(after, Given.Harden(before, s_policy with { MaskPaths = ["/b", "/a"], ReadOnlyPaths = ["/c"] }));

    [Theory]
    [InlineData("""[{"type":"RLIMIT_NOFILE","hard":9,"soft":5}]""", """[{"type":"RLIMIT_NOFILE","hard":9,"soft":5}]""")]
    [InlineData("""[{"type":"RLIMIT_NOFILE","hard":99,"soft":5}]""", """[{"type":"RLIMIT_NOFILE","soft":5,"hard":20}]""")]
    [InlineData("""[]""", """[{"type":"RLIMIT_NOFILE","soft":10,"hard":20}]""")]
    public void LimitsAreLoweredAndNeverRaised(string before, string after)
    {
        string Spec(string limits) => $"{{\"process\":{{\"rlimits\":{limits}}}}}";
        Assert.Equal(Spec(after), Given.Harden(Spec(before), s_policy with { Rlimits = [new Rlimit("RLIMIT_NOFILE", 10, 20)] }));
    }

    [Theory]
    [InlineData("run.oci.seccomp_bpf_data")]
    [InlineData("run.oci.seccomp.receiver")]
    [InlineData("run.oci.seccomp.plugins")]
    [InlineData("run.oci.keep_original_groups")]
    [InlineData("run.oci.hooks.stdout")]
    [InlineData("run.oci.pidfd_receiver")]
    [InlineData("run.oci.systemd.force_cgroup_v1", "/sys/fs/cgroup")]   // a writable hierarchy of the old kind, with a release_agent
    [InlineData("run.oci.handler", "krun")]
    [InlineData("run.oci.of_tomorrow")]
    [InlineData("\\u0072un.oci.seccomp_bpf_data")]
    [InlineData("run.oci.delegate-cgroup", "../../of-the-host")]   // crun joins it to the cgroup's path
    [InlineData("run.oci.systemd.subgroup", "a/../../b")]
    [InlineData("bundle", "/a/folder/with/another/config.json")]   // runc's label of the bundle, from which an exec takes its process
    [InlineData("bundle=/a/folder", "v")]
    [InlineData("\\u0062undle", "/a/folder")]
    [InlineData("org.criu.config", "/a/file/of/the/host")]
    [InlineData("org.systemd.property.TasksMax")]
    [InlineData("org.systemd.property.DeviceAllow")]
    [InlineData("org.systemd.property.Wants")]
    public void AnAnnotationThatARuntimeObeysIsTakenOutAndTheOthersStayAsTheyStand(string key, string value = "v")
        => Assert.Equal(
            """{"annotations":{"a" : "\u0062","z":"1"}}""",
            Given.Harden("""{"annotations":{"a" : "\u0062","KEY": "VALUE" , "z":"1"}}""".Replace("KEY", key, StringComparison.Ordinal).Replace("VALUE", value, StringComparison.Ordinal), s_policy));

    [Theory]
    [InlineData("run.oci.systemd.subgroup")]
    [InlineData("run.oci.handler", "wasm-smart")]
    [InlineData("org.systemd.property.CollectMode", "'inactive-or-failed'")]
    [InlineData("run.oci.delegate-cgroup", "a..b/init")]
    [InlineData("run.ocean")]
    [InlineData("bundled")]
    public void AnAnnotationThatLoosensNothingStays(string key, string value = "v")
    {
        string spec = $"{{\"annotations\":{{\"{key}\":\"{value}\"}}}}";
        Assert.Equal(spec, Given.Harden(spec, s_policy));
    }

    [Theory]
    [InlineData("/proc/self/fd/7", "/")]
    [InlineData("/proc/self/fd/7/../../..", "/")]
    [InlineData("//proc/./1/root/etc", "/")]
    [InlineData("/srv/../proc/thread-self/cwd", "/")]
    [InlineData("/dev/fd/9", "/")]
    [InlineData("/dev/stdin", "/")]
    [InlineData("/proc/net/../fd/3", "/")]   // /proc/net is a link to self/net
    [InlineData("/proc/thread-self/../../fd/3", "/")]
    [InlineData("/dev/shm/../x", "/")]
    [InlineData("/proc/self/task/1/fd/3", "/")]
    [InlineData("/proc", "/proc")]
    [InlineData("/proc/self", "/proc/self")]
    [InlineData("/srv/fd/proc", "/srv/fd/proc")]
    [InlineData("/srv/proc/1/fd", "/srv/proc/1/fd")]
    public void NoProcessStartsInAFolderThatSomebodyHoldsOpen(string before, string after)
        => Assert.Equal($"{{\"process\":{{\"cwd\":\"{after}\"}}}}", Given.Harden($"{{\"process\":{{\"cwd\":\"{before}\"}}}}", s_policy));

    [Theory]
    [InlineData("""{"process":{"user":{"uid":0}}}""", true)]
    [InlineData("""{"process":{}}""", true)]
    [InlineData("""{"process":{"user":{"uid":1}}}""", false)]
    [InlineData("{}", false)]
    public void RootIsRefusedWhereThePolicySaysSo(string spec, bool isRefused)
        => AssertRefused(isRefused, "runs as root", spec, s_policy with { RequireUser = new UserRequirement(Otherwise.Refuse) });

    [Theory]
    [InlineData("""[{"type":"pid"}]""", false)]
    [InlineData("[]", true)]
    [InlineData("null", true)]
    [InlineData("""[{"type":"pid","path":"/proc/1/ns/pid"}]""", true)]
    [InlineData("""[{"type":"pid","path":"/proc/self/ns/pid"}]""", true)]
    [InlineData("""[{"type":"pid"},{"type":"pid","path":"/proc/1/ns/pid"}]""", true)]
    public void TheHostsNamespacesAreRefused(string namespaces, bool isRefused)
        => AssertRefused(isRefused, "host's pid namespace", $"{{\"linux\":{{\"namespaces\":{namespaces}}}}}",
            s_policy with { RequireHostNamespaces = new HostNamespacesRequirement(["pid"], Otherwise.Refuse) });

    [Fact]
    public void TheHostsNamespaceIsFoundUnderWhateverNameItIsMounted()
    {
        // Mounting takes a root's right, and a mount namespace of the test's own: what this process sees of it is behind a process that lives there.
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a namespace needs root: run the tests as root");
        string folder = Directory.CreateTempSubdirectory("hardening-nsfs-").FullName;
        using var world = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "unshare",
            ["--mount", "--propagation", "private", "/bin/sh", "-c", "mount -t tmpfs nsfs \"$1\" && cd \"$1\" && touch host own && mount --bind /proc/self/ns/net host && unshare --net=own true && echo ready && exec cat", "sh", folder])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        try
        {
            Assert.Equal("ready", world.StandardOutput.ReadLine());
            Policy policy = s_policy with { RequireHostNamespaces = new HostNamespacesRequirement(["network"], Otherwise.Refuse) };
            foreach ((string name, bool isRefused) in ((string, bool)[])[("host", true), ("own", false), ("missing", false)])
            {
                string spec = $"{{\"linux\":{{\"namespaces\":[{{\"type\":\"network\",\"path\":\"/proc/{world.Id}/root{folder}/{name}\"}}]}}}}";
                AssertRefused(isRefused, "host's network namespace", spec, policy);
            }
        }
        finally
        {
            world.StandardInput.Close();
            world.WaitForExit();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("/etc", true)]
    [InlineData("/etc/x/", true)]
    [InlineData("/srv/../etc//x", true)]
    [InlineData("/", true)]
    [InlineData("//", true)]
    [InlineData("/srv", false)]
    [InlineData("proc", false)]
    public void DeniedSourcesAreRefusedHoweverTheyAreWritten(string source, bool isRefused)
        => AssertRefused(isRefused, "which the policy denies", $"{{\"mounts\":[{{\"source\":\"{source}\"}}]}}",
            s_policy with { RequireMounts = new MountsRequirement(["/", "/etc/**"], Otherwise.Refuse) });

    [Theory]
    [InlineData("proc", "/proc", false)]
    [InlineData("proc", "/proc/", false)]
    [InlineData("proc", "/host", true)]
    [InlineData("proc", "/proc/../host", true)]
    [InlineData("sysfs", "/sys", false)]
    [InlineData("sysfs", "sys", false)]
    [InlineData("sysfs", "/host/sys", true)]
    [InlineData("cgroup2", "/sys/fs/cgroup", false)]
    [InlineData("cgroup", "/tmp", true)]
    [InlineData("devtmpfs", "/dev", true)]
    [InlineData("binfmt_misc", "/proc", true)]
    [InlineData("tmpfs", "/host", false)]
    public void AKernelsFileSystemCountsAsTheFolderItShowsUnlessItLiesWhereEnginesMountIt(string type, string destination, bool isRefused)
        => AssertRefused(isRefused, $"a mount of type {type}", $"{{\"mounts\":[{{\"destination\":\"{destination}\",\"type\":\"{type}\",\"source\":\"{type}\"}}]}}",
            s_policy with { RequireMounts = new MountsRequirement(["/proc/**", "/sys/**", "/dev"], Otherwise.Refuse) });

    [Theory]
    [InlineData("lowerdir=/etc", true)]
    [InlineData("lowerdir=/srv:/etc/ssh", true)]
    [InlineData("lowerdir+=/etc", true)]
    [InlineData("lowerdir=/srv::/etc", true)]
    [InlineData(@"lowerdir=/e\\tc", true)]
    [InlineData("upperdir=/etc", true)]
    [InlineData("lowerdir=/srv", false)]
    [InlineData("ro", false)]
    public void AnOverlayShowsTheFoldersOfItsOptions(string option, bool isRefused)
        => AssertRefused(isRefused, "'/etc", $"{{\"mounts\":[{{\"destination\":\"/x\",\"type\":\"overlay\",\"source\":\"overlay\",\"options\":[\"{option}\"]}}]}}",
            s_policy with { RequireMounts = new MountsRequirement(["/etc/**"], Otherwise.Refuse) });

    [Fact]
    public void NullOptionsAreNone()
        => AssertRefused(true, "'/etc'", """{"mounts":[{"options":null,"source":"/etc"}]}""", s_policy with { RequireMounts = new MountsRequirement(["/etc/**"], Otherwise.Refuse) });

    [Theory]
    [InlineData("""{"type":"proc"}""")]
    [InlineData("""{"destination":"/proc","Destination":"/host","type":"proc"}""")]
    [InlineData("""{"destination":"/host","type":"none","Type":"proc"}""")]
    public void ASecondSpellingOrAMissingDestinationHidesNoKernelFileSystem(string mount)
        => AssertRefused(true, "a mount of type proc", $"{{\"mounts\":[{mount}]}}", s_policy with { RequireMounts = new MountsRequirement(["/proc/**"], Otherwise.Refuse) });

    [Fact]
    public void ANulInAPathIsRefusedWithASentence()
    {
        Policy policy = s_policy with
        {
            RequireMounts = new MountsRequirement(["/"], Otherwise.Refuse), RequireHostNamespaces = new HostNamespacesRequirement(["pid"], Otherwise.Refuse),
        };
        PolicyDecision refused = Given.Decide("""{"mounts":[{"source":"/a\u0000b"}]}""", policy);
        Assert.Equal(DecisionOutcome.Refuse, refused.Outcome);
        Assert.Contains("mounts", refused.Message, StringComparison.Ordinal);
        Assert.Equal(DecisionOutcome.Allow, Given.Decide("""{"linux":{"namespaces":[{"type":"pid","path":"/a\u0000b"}]}}""", policy).Outcome);
    }

    [Fact]
    public void ADeniedSourceIsFoundThroughSymbolicLinksAndRelativePathsToo()
    {
        string folder = Directory.CreateTempSubdirectory("hardening-links-").FullName;
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(folder, "link"), "../../etc");
            Policy policy = s_policy with { RequireMounts = new MountsRequirement(["/etc/**"], Otherwise.Refuse) };
            AssertRefused(true, "which the policy denies", $"{{\"mounts\":[{{\"source\":\"{folder}/link/ssh\"}}]}}", policy);
            Directory.CreateSymbolicLink(Path.Combine(folder, "deep"), "/etc/ssl");
            AssertRefused(true, "which the policy denies", $"{{\"mounts\":[{{\"source\":\"{folder}/deep/../passwd\",\"type\":\"bind\"}}]}}", policy);   // of /etc
            AssertRefused(true, "relative source", """{"mounts":[{"source":"../../../etc"}]}""", policy);
            foreach (string source in (string[])["..", "a/..", "a/../..", "./.."])
            {
                AssertRefused(true, "relative source", $"{{\"mounts\":[{{\"source\":\"{source}\",\"type\":\"bind\"}}]}}", policy);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(""" "type":"bind","source":"link/ssh" """, true)]
    [InlineData(""" "source":"link/ssh","options":["ro","rbind"] """, true)]
    [InlineData(""" "type":"bind","source":"./link" """, true)]
    [InlineData(""" "type":"bind","source":"." """, true)]
    [InlineData(""" "type":"bind","source":"" """, true)]
    [InlineData(""" "type":"bind","source":"inside" """, false)]
    [InlineData(""" "type":"bind","source":"FOLDER/shm" """, false)]   // of the engine, which keeps its bundles below what the policy denies
    [InlineData(""" "type":"bind","source":"FOLDER/link/ssh" """, true)]
    [InlineData(""" "type":"bind","source":"FOLDER/config.json" """, true)]   // runc's exec by flags reads it
    [InlineData(""" "type":"tmpfs","source":"link" """, false)]
    [InlineData(""" "type":"overlay","source":"overlay","options":["lowerdir=link"] """, true)]
    public void ARelativeSourceIsLookedAtWhereItLiesInTheBundle(string mount, bool isRefused)
    {
        string folder = Directory.CreateTempSubdirectory("hardening-bundle-").FullName;
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(folder, "link"), "../../etc");
            ContainerSpec spec = ContainerSpec.Parse(Encoding.UTF8.GetBytes($"{{\"mounts\":[{{\"destination\":\"/x\",{mount.Replace("FOLDER", folder, StringComparison.Ordinal)}}}]}}"));
            Policy policy = s_policy with { RequireMounts = new MountsRequirement(["/etc/**", folder, $"{folder}/**"], Otherwise.Refuse) };
            foreach (string bundle in (string[])[folder, Path.GetRelativePath(Environment.CurrentDirectory, folder)])
            {
                PolicyDecision decision = PolicyEngine.Decide(spec, new ContainerFacts { Bundle = bundle }, Given.NoAppArmor, [policy], new Given.Profiles());
                Assert.Equal(isRefused ? DecisionOutcome.Refuse : DecisionOutcome.Allow, decision.Outcome);
                Assert.Equal(isRefused, decision.Message.Contains("which the policy denies", StringComparison.Ordinal));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void ASpecThatARuleCannotReadEndsAsOnErrorSaysAndNeverRefusesUnderAudit()
    {
        const string Spec = """{"process":{},"mounts":[null]}""";
        Policy policy = s_policy with { RequireMounts = new MountsRequirement(["/"], Otherwise.Refuse) };
        Assert.Equal(DecisionOutcome.Refuse, Given.Decide(Spec, policy).Outcome);
        Assert.Equal(DecisionOutcome.PassThrough, Given.Decide(Spec, policy with { OnError = OnError.PassThrough }).Outcome);
        Assert.Equal(DecisionOutcome.Allow, Given.Decide(Spec, policy with { Mode = PolicyMode.Audit }).Outcome);
    }

    [Fact]
    public void AReportIsNoRefusal()
    {
        PolicyDecision decision = Given.Decide("{\"process\":{}}", s_policy with { RequireUser = new UserRequirement(Otherwise.Report) });
        Assert.Equal((DecisionOutcome.Allow, FindingOutcome.Report), (decision.Outcome, Assert.Single(decision.Findings).Outcome));
    }

    [Fact]
    public void PassThroughDropsExactlyThePolicyThatFailed()
    {
        PolicyDecision decision = Given.Decide("{\"process\":{}}",
            s_policy with { Name = "a", OnError = OnError.PassThrough, MaskPaths = ["/a"], KeepCapabilities = CapabilitySet.None },
            s_policy with { Name = "b", NoNewPrivileges = true });
        Assert.Equal(DecisionOutcome.Allow, decision.Outcome);
        Assert.Equal(SpecPath.NoNewPrivileges, Assert.Single(decision.Edits.Edits).Path);
        Assert.Equal(("a", FindingOutcome.Error), (Assert.Single(decision.Findings).Policies, decision.Findings[0].Outcome));
    }

    [Fact]
    public void RefuseBeatsPassThrough()
    {
        Policy masks = s_policy with { MaskPaths = ["/a"] };
        PolicyDecision decision = Given.Decide("{}", masks with { Name = "a", OnError = OnError.PassThrough }, masks with { Name = "b", OnError = OnError.Refuse });
        Assert.Equal(DecisionOutcome.Refuse, decision.Outcome);
        Assert.Contains("no linux section", decision.Message, StringComparison.Ordinal);
        Assert.Equal(DecisionOutcome.PassThrough, Given.Decide("{}", masks with { OnError = OnError.PassThrough }).Outcome);
    }

    [Fact]
    public void SectionsThatAreMissingFailWhatNeedsThemAndNothingElse()
    {
        Assert.Equal(DecisionOutcome.Refuse, Given.Decide("{}", s_policy with { ReadOnlyRootFilesystem = true }).Outcome);
        Assert.Equal(DecisionOutcome.Refuse, Given.Decide("{}", s_policy with { Seccomp = new SeccompDemand("s", "s", 0) }).Outcome);
        Assert.Equal("{}", Given.Harden("{}", s_policy with { NoNewPrivileges = true, KeepCapabilities = CapabilitySet.None }));
        Assert.Equal(DecisionOutcome.Unmatched, Given.Decide("{}", s_policy with { Mode = PolicyMode.Off }).Outcome);
    }

    [Fact]
    public void TheEnginesSpecsCanBeHardenedAndAreFixedThen()
    {
        var policy = new Policy
        {
            Name = "restricted", KeepCapabilities = CapabilitySet.None, NoNewPrivileges = true, ReadOnlyRootFilesystem = true, MaskPaths = ["/proc/kcore"],
            Rlimits = [new Rlimit("RLIMIT_NOFILE", 10, 20)], Seccomp = new SeccompDemand("restricted", "restricted.json", 0),
        };
        byte[] shipped = File.ReadAllBytes(Path.Combine(Repository.Root, "profiles", "seccomp", "restricted.json"));
        var profiles = new Given.Profiles(("restricted.json", SeccompWriter.Write(SeccompProfile.Parse(shipped, "restricted"))));   // as the compiler resolves it
        foreach (string bundle in (string[])["runc-spec", "ctr-spec"])
        {
            byte[] spec = Repository.Bundle(bundle);
            byte[] once = Encoding.UTF8.GetBytes(Given.Apply(spec, Given.Decide(spec, Given.NoAppArmor, profiles, policy)));
            Assert.NotEqual(spec, once);
            Assert.Equal(0, Given.Decide(once, Given.NoAppArmor, profiles, policy).Edits.Count);
        }
    }

    private static void AssertRefused(bool isRefused, string sentence, string spec, Policy policy)
    {
        PolicyDecision decision = Given.Decide(spec, policy);
        Assert.Equal(isRefused ? DecisionOutcome.Refuse : DecisionOutcome.Allow, decision.Outcome);
        Assert.True(!isRefused || decision.Message.Contains(sentence, StringComparison.Ordinal), decision.Message);
    }
}
