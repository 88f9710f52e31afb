using System.Text;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;
using Runtime.Hardening.Profiles.Tests.Rules;

namespace Runtime.Hardening.Profiles.Tests.Inputs;

/// <summary>Policies that ask for anything that a policy can ask for.</summary>
internal sealed class PolicyMaker(System.Random random)
{
    private static readonly string[] s_paths = ["/proc/kcore", "/proc/sys", "/sys/firmware", "/a b", "/\u00e9\"\\"];

    public Given.Profiles Profiles { get; } = new(
        ("seccomp/0", Profile(random)), ("seccomp/1", Profile(random)), ("seccomp/2", Profile(random)), ("seccomp/scoped", Encoding.UTF8.GetBytes(new SeccompMaker(random).Scoped())));

    public Policy[] Some() => [.. Enumerable.Range(0, 1 + random.Next(3)).Select(i => One($"p{i}"))];

    public Policy One(string name) => new()
    {
        Name = name,
        Mode = Chance(80) ? PolicyMode.Enforce : Chance(60) ? PolicyMode.Audit : PolicyMode.Off,
        OnError = Chance(50) ? OnError.PassThrough : OnError.Refuse,
        Match = Chance(70) ? [] : [new MatchClause { Containers = (ContainerKinds)random.Next(3), Privileged = Chance(50) ? null : Chance(50) }],
        Seccomp = Chance(60) ? Demand(random.Next(Chance(97) ? 3 : 4)) : null,
        AppArmor = Chance(30)
            ? new AppArmorDemand(
                Chance(90) ? "ours" : "other", (AppArmorCombine)random.Next(2), Chance(30) ? null : Chance(90) ? Otherwise.Report : Otherwise.Refuse)
            : null,
        KeepCapabilities = Chance(60) ? new CapabilitySet((ulong)random.NextInt64() & CapabilitySet.All.Bits) : null,
        NoNewPrivileges = Chance(50),
        ReadOnlyRootFilesystem = Chance(40),
        MaskPaths = [.. s_paths.Where(_ => Chance(30))],
        ReadOnlyPaths = [.. s_paths.Where(_ => Chance(30))],
        Rlimits = [.. ((string[])["RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_STACK"]).Where(_ => Chance(30)).Select(Limit)],
        Resources = Chance(50) ? new ResourceBounds(Amount(1, 900), Amount(1, 900), Amount(10, 4000)) : null,
        RequireHostNamespaces = Chance(10) ? new HostNamespacesRequirement(["pid", "ipc"], Mostly()) : null,
        RequirePrivileged = Chance(10) ? new PrivilegedRequirement(Mostly()) : null,
        RequireMounts = Chance(10) ? new MountsRequirement(["/", "/etc/**"], Mostly()) : null,
        RequireUser = Chance(10) ? new UserRequirement(Mostly()) : null,
    };

    private SeccompDemand Demand(int number) => new(
        $"profile-{number}", $"seccomp/{number}", (uint)number,
        Chance(20) ? new SeccompByCapability(new CapabilitySet((ulong)random.NextInt64() & CapabilitySet.All.Bits), "seccomp/scoped", 7) : null);

    private Rlimit Limit(string type)
    {
        ulong hard = Chance(20) ? Rlimit.Unlimited : (ulong)random.Next(3000);
        return new Rlimit(type, Math.Min(hard, (ulong)random.Next(3000)), hard);
    }

    private ulong? Amount(int least, int most) => Chance(60) ? (ulong)random.Next(least, most) : null;

    private Otherwise Mostly() => Chance(85) ? Otherwise.Report : Otherwise.Refuse;

    private bool Chance(int percent) => random.Next(100) < percent;

    private static byte[] Profile(System.Random random) => Encoding.UTF8.GetBytes(new SeccompMaker(random).Profile());
}
