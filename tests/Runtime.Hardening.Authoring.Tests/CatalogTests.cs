using System.Text;
using System.Text.Json;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Authoring.Seccomp.Docker;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Tests;

/// <summary>The shipped seccomp profiles: what each promises in its header and in packaging/docs/profiles.md.</summary>
public class CatalogTests
{
    private const uint Eperm = 1, Enosys = 38;

    private static readonly string s_folder = Path.Combine(Repository.Profiles, "seccomp");

    // What only a capability opens, as in the default of Docker and containerd.
    private static readonly (string Capability, string[] Calls)[] s_opened =
    [
        ("CAP_SYS_ADMIN", ["bpf", "clone3", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount", "mount_setattr", "move_mount", "open_tree",
            "perf_event_open", "quotactl", "quotactl_fd", "setdomainname", "sethostname", "setns", "syslog", "umount", "umount2", "unshare"]),
        ("CAP_DAC_READ_SEARCH", ["open_by_handle_at"]),
        ("CAP_SYS_BOOT", ["reboot"]),
        ("CAP_SYS_MODULE", ["delete_module", "finit_module", "init_module"]),
        ("CAP_SYS_PACCT", ["acct"]),
        ("CAP_SYS_PTRACE", ["kcmp", "pidfd_getfd"]),
        ("CAP_SYS_RAWIO", ["ioperm", "iopl"]),
        ("CAP_SYS_TIME", ["clock_settime", "clock_settime64", "settimeofday", "stime"]),
        ("CAP_SYS_TTY_CONFIG", ["vhangup"]),
        ("CAP_SYSLOG", ["syslog"]),
        ("CAP_BPF", ["bpf"]),
        ("CAP_PERFMON", ["perf_event_open"]),
    ];

    public static TheoryData<string> All => [.. Names];

    public static TheoryData<string> Denying => [.. Names.Where(n => n != "audit-all")];

    private static IEnumerable<string> Names => Directory.EnumerateFiles(s_folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal);

    [Fact]
    public void TheCatalogueIsWhatTheDocumentationSays()
        => Assert.Equal(["audit-all", "jvm", "node", "restricted", "runtime-default", "sandbox", "web", "worker"], Names);

    [Theory]
    [MemberData(nameof(All))]
    public void AShippedProfileHasNoFindingsAndLosesItsHeaderWhenCompiled(string name)
    {
        LintReport report = new();
        SeccompSource source = SeccompSource.Load(name, PathOf(name), report)!;
        Assert.Empty(report.Findings);
        Assert.StartsWith($"{name}: ", Header(name)[0], StringComparison.Ordinal);
        Assert.Contains("eyond", string.Join(' ', Header(name)), StringComparison.Ordinal);
        Assert.DoesNotContain("\"//\"", Encoding.UTF8.GetString(source.Json.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("\"//\"", Encoding.UTF8.GetString((source.ByCapability?.Json ?? default).Span), StringComparison.Ordinal);
        Assert.Equal(name == "runtime-default", source.ByCapability is not null);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AShippedProfileNamesACallOnceAnEntryAndInOrder(string name)
    {
        foreach (JToken rule in JObject.Parse(File.ReadAllText(PathOf(name)))["syscalls"]!)
        {
            string[] names = [.. rule["names"]!.Select(n => (string)n!)];
            Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), names);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AShippedProfileAllowsWhatRuntimesNeedThemselves(string name)
    {
        SeccompProfile profile = Shipped(name);
        Assert.All(RuntimeFloor.Required.Concat(RuntimeFloor.Sometimes).Where(c => c != "clone"), call => Assert.Equal(SeccompResult.Allow, profile[call].Unconditional));
        Assert.True(profile["clone"].Unconditional == SeccompResult.Allow || Assert.Single(profile["clone"].Conditional).Result == SeccompResult.Allow);
    }

    [Theory]
    [MemberData(nameof(Denying))]
    public void WhatIsNewIsAnsweredEnosysAndWhatIsKnownEperm(string name)
    {
        SeccompProfile profile = Shipped(name);
        Assert.Equal(new SeccompResult(SeccompAction.Errno, Enosys), profile["call_of_tomorrow"].Unconditional);
        Assert.Equal(new SeccompResult(SeccompAction.Errno, Enosys), profile["clone3"].Unconditional);
        foreach (string call in (string[])["mount", "unshare", "bpf", "keyctl", "io_uring_setup", "userfaultfd", "perf_event_open", "reboot", "init_module", "swapon"])
        {
            Assert.Equal(new SeccompResult(SeccompAction.Errno, Eperm), profile[call].Unconditional);
        }
    }

    [Theory]
    [MemberData(nameof(Denying))]
    public void AShippedProfileAllowsNothingThatRuntimeDefaultDenies(string name)
    {
        SeccompProfile wide = Shipped("runtime-default");
        Assert.All(Shipped(name).Outcomes.Where(o => o.Value.Unconditional == SeccompResult.Allow), o => Assert.Equal(SeccompResult.Allow, wide[o.Key].Unconditional));
    }

    [Fact]
    public void NoProfileButRuntimeDefaultAndAuditAllLetsThirtyTwoBitProgramsRun()
        => Assert.All(Names, name => Assert.Equal(
            name is "runtime-default" or "audit-all" ? ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"] : ["SCMP_ARCH_X86_64"], Shipped(name).Architectures));

    [Fact]
    public void AuditAllDeniesNothing()
        => Assert.True(Shipped("audit-all").Default == new SeccompResult(SeccompAction.Log, 0) && Shipped("audit-all").Outcomes.Values.All(o => o.Unconditional == SeccompResult.Allow));

    [Fact]
    public void ACapabilityOpensInRuntimeDefaultWhatItOpensInTheEnginesDefault()
    {
        foreach ((string capability, string[] calls) in s_opened)
        {
            SeccompProfile with = Shipped("runtime-default", CapabilitySet.Of(capability)), without = Shipped("runtime-default", new CapabilitySet(~CapabilitySet.Of(capability).Bits));
            Assert.All(calls, call => Assert.Equal(SeccompResult.Allow, with[call].Unconditional));
            // Some are opened by a second capability, too.
            Assert.All(calls.Except(["bpf", "perf_event_open", "syslog"]), call => Assert.Equal(SeccompAction.Errno, without[call].Unconditional?.Action));
        }

        Assert.Equal(SeccompResult.Allow, Shipped("runtime-default", CapabilitySet.Of("CAP_SYS_ADMIN"))["clone"].Unconditional);
        Assert.Null(Shipped("runtime-default")["clone"].Unconditional);
    }

    [Fact]
    public void TheHookAndTheLinterSettleAProfileAlike()
    {
        foreach (CapabilitySet held in CapabilitySet.KnownNames.ToArray().Select(n => CapabilitySet.Of(n)).Append(CapabilitySet.None).Append(CapabilitySet.All))
        {
            ProfileDocument source = ProfileDocument.Load(PathOf("runtime-default"), ProfileDialect.Docker, new LintReport())!;
            JObject settled = DockerResolver.Resolve(source, new DockerContainer(held.ToNames(), DockerArchitecture.Native, KernelVersion.Native));
            Assert.Equal(
                Encoding.UTF8.GetString(SeccompWriter.Write(SeccompProfile.Parse(Encoding.UTF8.GetBytes(settled.ToString()), "linter"))),
                Encoding.UTF8.GetString(SeccompWriter.Write(Shipped("runtime-default", held))));
        }
    }

    // A real default, as containerd 1.6 wrote it for a container with the usual fourteen capabilities. io_uring and AF_VSOCK were in it then; the engines have taken them out since.
    [Fact]
    public void RuntimeDefaultIsAsPermissiveAsTheDefaultOfAnEngine()
    {
        using JsonDocument spec = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Fixtures/bundles/containerd-1.6-seccomp/config.json")));
        SeccompProfile engine = SeccompProfile.Parse(Encoding.UTF8.GetBytes(spec.RootElement.GetProperty("linux").GetProperty("seccomp").GetRawText()), "engine");
        string[] bounding = [.. spec.RootElement.GetProperty("process").GetProperty("capabilities").GetProperty("bounding").EnumerateArray().Select(c => c.GetString()!)];
        SeccompProfile own = Shipped("runtime-default", CapabilitySet.Of(bounding));
        Assert.True(engine.Outcomes.Count > 300);
        Assert.Equal(
            ["io_uring_enter", "io_uring_register", "io_uring_setup", "socket"],
            engine.Outcomes.Where(o => o.Value.Unconditional == SeccompResult.Allow && own[o.Key].Unconditional != SeccompResult.Allow).Select(o => o.Key).Order(StringComparer.Ordinal));
        foreach (string call in (string[])["clone", "personality"])
        {
            Assert.Equal(engine[call].Conditional, own[call].Conditional);
        }
    }

    private static string[] Header(string name) => [.. JObject.Parse(File.ReadAllText(PathOf(name)))["//"]!.Select(line => (string)line!)];

    private static SeccompProfile Shipped(string name, CapabilitySet held = default) => SeccompProfile.ParseFor(File.ReadAllBytes(PathOf(name)), name, held);

    private static string PathOf(string name) => Repository.Folders.FindSeccomp(name)!;
}
