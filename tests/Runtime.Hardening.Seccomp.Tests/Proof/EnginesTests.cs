using System.Text.Json;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Authoring.Seccomp.Docker;
using Runtime.Hardening.Seccomp.Tests.Inputs;

namespace Runtime.Hardening.Seccomp.Tests.Proof;

/// <summary>What a node really meets: the defaults of engines with the profiles that are shipped, by their filters in both of libseccomp's shapes.</summary>
public sealed class EnginesTests
{
    private const string Podman = "/usr/share/containers/seccomp.json";

    // Every family, one past them, AF_NETLINK and AF_VSOCK with a bit that the kernel does not see; each protocol of netlink.
    private static readonly (string Name, ulong[] Arguments)[] s_sockets =
    [
        .. Enumerable.Range(0, 48).Select(static family => (ulong)family).Concat([(1UL << 32) | 16, (1UL << 32) | 40, ulong.MaxValue])
            .SelectMany(static family => Enumerable.Range(0, 33).Select(protocol => ("socket", new[] { family, (ulong)(protocol % 6), (ulong)protocol, 0UL, 0UL, 0UL }))),
        .. new ulong[] { 0, 8, 9, 0x20000, 0x20008, uint.MaxValue, ulong.MaxValue }.Select(static value => ("personality", new[] { value, 0UL, 0UL, 0UL, 0UL, 0UL })),
        .. Enumerable.Range(0, 64).Select(static bit => ("clone", new[] { 1UL << bit, 0UL, 0UL, 0UL, 0UL, 0UL })),
    ];

    private readonly Counts _counts = new();

    public static TheoryData<string, bool> Engines()
    {
        var data = new TheoryData<string, bool>();
        foreach (string engine in (string[])["containerd", "Podman", "Podman CAP_AUDIT_WRITE CAP_NET_RAW", "Podman CAP_SYS_ADMIN CAP_SYS_PTRACE CAP_AUDIT_WRITE"])
        {
            data.Add(engine, false);
            data.Add(engine, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void TheFilterOfAShippedProfileMetWithAnEnginesDefaultLetsNothingPassThatEitherStops(string engine, bool binaryTree)
    {
        Assert.SkipWhen(engine != "containerd" && !File.Exists(Podman), $"{Podman} is not installed here (package golang-github-containers-common)");
        string[] held = engine.Split(' ')[1..];
        string given = KnownNames.Only(engine == "containerd" ? Containerd() : Resolved(Podman, held));
        string[] shipped = Directory.GetFiles(Path.Combine(Repository.Root, "profiles/seccomp"), "*.json");
        Assert.Equal(8, shipped.Length);
        foreach (string profile in shipped)
        {
            new Relations(_counts).Check(given, KnownNames.Only(Resolved(profile, held)), binaryTree, s_sockets);
        }

        _counts.Print($"{engine} with what is shipped{(binaryTree ? ", binary trees" : "")}");
        Assert.Equal((0, 4 * shipped.Length, 0), (_counts.Refused, _counts.Profiles, _counts.Skipped));
    }

    private static string Containerd()
    {
        using JsonDocument spec = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Fixtures/bundles/containerd-1.6-seccomp/config.json")));
        return spec.RootElement.GetProperty("linux").GetProperty("seccomp").GetRawText();
    }

    private static string Resolved(string path, string[] held)
        => DockerResolver.Resolve(ProfileDocument.Load(path, ProfileDialect.Docker, new LintReport())!, new DockerContainer(held, DockerArchitecture.Native, KernelVersion.Native)).ToString();
}
