using CsCheck;
using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Tests.AppArmor;

/// <summary>
/// A profile of ours takes the place of an engine's default, so it permits nothing that the default denies. The engines' profiles deny files, mounts,
/// and signals and traces of others, and allow every network, every capability and umount; files and mounts are compared for every path there can be.
/// </summary>
public class NeverWeakerThanEnginesTests
{
    private const uint MayReceive = 4;

    private static readonly string[] s_peers =
    [
        "unconfined", "runc", "crun", "docker-default", "cri-containerd.apparmor.d", "containers-default-0.50.1", "/usr/sbin/sshd", "/usr/bin/man//filter", "lxc-container-default-cgns",
        "snap.firefox.firefox", "a", ":ns:unconfined",
    ];

    public static TheoryData<string, string> Pairs()
    {
        TheoryData<string, string> pairs = [];
        foreach (string engine in new[] { "/usr/bin/containerd", "/usr/bin/podman", "/usr/sbin/dockerd" })
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Profiles, "apparmor"), "*.yaml").Order())
            {
                pairs.Add(engine, Path.GetFileNameWithoutExtension(file));
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void WhatAnEnginesDefaultDeniesOursDeniesForEveryPath(string engine, string profile)
        => AssertNotWeaker(TemplateOf(engine), Render(File.ReadAllText(Path.Combine(Repository.Profiles, "apparmor", profile + ".yaml"))));

    [Fact]
    public void NoDescriptionCanTakeAnEnginesDenialsAway()
    {
        string template = TemplateOf("/usr/bin/containerd");
        Gen<string> path = Gen.OneOf(
            "/**", "/proc/**", "/proc/sys/**", "/proc/sys/kernel/*", "/proc/sysrq-trigger", "/sys/**", "/sys/fs/cgroup/**", "/sys/firmware/**", "/proc/*", "/**/kcore", "/s?s/**", "/proc/[a-z]**");
        Gen<string> list = path.Array[0, 4].Select(paths => $"[{string.Join(", ", paths.Distinct().Select(p => $"'{p}'"))}]");
        Gen.Select(list, list, list, list, Gen.OneOf("none", "read", "trace")).Sample(
            (read, write, map, execute, ptrace) => AssertNotWeaker(template, Render(
                $"apiVersion: hardening/v1\nkind: AppArmorProfile\nmetadata: {{name: hardened-any}}\nspec:\n  files: {{read: {read}, write: {write}, map: {map}, execute: [/bin/x, {execute[1..]}}}\n  network: {{allow: all}}\n  ptrace: {ptrace}\n")),
            iter: 60, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void WhomAnEnginesDefaultLetsNobodySignalOrTraceOursDoesNeither(string engine, string profile)
        => Assert.Empty(LooserPeers(Render(File.ReadAllText(Path.Combine(Repository.Profiles, "apparmor", profile + ".yaml"))), TemplateOf(engine)));

    [Theory]
    [InlineData("to: [unconfined]", "unconfined", "signals to unconfined")]
    [InlineData("to: ['**']", "/usr/sbin/sshd", "signals to **")]
    [InlineData("from: ['/usr/sbin/*']", "/usr/sbin/sshd", "signals from /usr/sbin/*")]
    [InlineData("to: [docker-default], from: [hardened-y]", "docker-default", "signals to docker-default")]
    [InlineData("to: ['hard*']", null, "signals to hard*")]
    [InlineData("to: [hardened-y], from: ['hardened-*']", null, null)]
    public void ADescriptionThatLetsOthersBeSignalledIsKnownForWeaker(string signals, string? open, string? weaker)
    {
        using TestFolder folder = new();
        string text = $"apiVersion: hardening/v1\nkind: AppArmorProfile\nmetadata: {{name: hardened-any}}\nspec:\n  files: {{execute: [/x]}}\n  signals: {{{signals}}}\n";
        Assert.Equal(weaker, AppArmorSource.Load(folder.Write("x.yaml", text), new LintReport())!.Weaker);
        string[] looser = LooserPeers(Render(text), TemplateOf("/usr/bin/containerd"));
        Assert.True(open is null ? looser.Length == 0 : looser.Contains(open), string.Join(' ', looser));
    }

    [Fact]
    public void AProfileThatWasWeakerWouldBeFoundWithThePathThatIsOpen()
    {
        string template = TemplateOf("/usr/bin/containerd");
        string ours = Render(File.ReadAllText(Path.Combine(Repository.Profiles, "apparmor/hardened-restricted.yaml")));
        string open = ours.Replace("  audit deny \"/sys/**\" wlkmx,\n", "  audit deny \"/sys/[^k]**\" wlkmx,\n", StringComparison.Ordinal);
        Assert.NotEqual(ours, open);
        Assert.StartsWith("/sys/k", PolicyDfa.FirstLooser(Compiled.Files(open), PolicyDfa.Start, Compiled.Files(template), PolicyDfa.Start, 2), StringComparison.Ordinal);
        string mounts = ours.Replace("  audit deny mount,\n", "  mount fstype=tmpfs -> \"/x/\",\n", StringComparison.Ordinal);
        Assert.NotNull(FirstLooserMount(mounts, template));
    }

    [Fact]
    public void TheAutomatonIsReadAsTheKernelReadsIt()
    {
        Assert.SkipUnless(Compiled.HasParser, Compiled.NoParser);
        PolicyDfa files = Compiled.Files("profile p { \"/etc/?asswd\" r, /var/** rw, deny /var/lib/** w, /bin/* ix, }");
        Assert.Equal(4u, files.Permitted("/etc/passwd") & 0x7F);
        Assert.Equal(0u, files.Permitted("/etc/asswd"));
        Assert.Equal(4u, files.Permitted("/var/lib/x") & 0x7F);
        Assert.Equal(2u, files.Permitted("/var/log/x") & 2);
        Assert.Equal(1u, files.Permitted("/bin/sh") & 1);
        Assert.Equal(0u, files.Permitted("/bin/a/b"));
    }

    private static void AssertNotWeaker(string template, string ours)
    {
        Assert.Null(PolicyDfa.FirstLooser(Compiled.Files(ours), PolicyDfa.Start, Compiled.Files(template), PolicyDfa.Start, 2));
        Assert.Null(FirstLooserMount(ours, template));
    }

    // Neither our own names nor the engine's, in whose place they are. The runtimes' own profiles may stop containers: engines from 2024 on say so as well.
    private static string[] LooserPeers(string ours, string theirs)
    {
        PolicyDfa own = Compiled.Other(ours), other = Compiled.Other(theirs);
        return [.. s_peers.Where(peer =>
        {
            uint expected = peer is "runc" or "crun" ? MayReceive : 0;
            bool signals = Enumerable.Range(0, 65).Any(signal => (own.PermittedFor(peer, PolicyDfa.SignalClass, (byte)signal) & ~other.PermittedFor(peer, PolicyDfa.SignalClass, (byte)signal) & ~expected) != 0);
            return signals || (own.PermittedFor(peer, PolicyDfa.PtraceClass) & ~other.PermittedFor(peer, PolicyDfa.PtraceClass)) != 0;
        })];
    }

    private static string? FirstLooserMount(string ours, string theirs)
    {
        PolicyDfa own = Compiled.Other(ours), other = Compiled.Other(theirs);
        // umount and pivot_root are rights of the same class, which the engines give: only the right to mount is looked at.
        const uint MayMount = 2;
        return PolicyDfa.FirstLooser(own, own.Step(PolicyDfa.Start, PolicyDfa.MountClass), other, other.Step(PolicyDfa.Start, PolicyDfa.MountClass), 5, MayMount);
    }

    private static string TemplateOf(string engine)
    {
        Assert.SkipUnless(Compiled.HasParser, Compiled.NoParser);
        string? template = EngineTemplate.Of(engine);
        Assert.SkipWhen(template is null, $"{engine} is not installed here; tests/vm compares what Docker's profile denies (apparmor-docker)");
        return template!;
    }

    private static string Render(string description)
    {
        LintReport report = new();
        string text = AppArmorRenderer.Render(Assert.Single(AppArmorReader.ReadAll("d.yaml", description, report))).Text;
        Assert.Empty(report.Findings.Select(finding => finding.ToString()));
        return text;
    }
}
