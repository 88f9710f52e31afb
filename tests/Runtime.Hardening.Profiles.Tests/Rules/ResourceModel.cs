using System.Globalization;
using System.Numerics;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Rules;

/// <summary>
/// What a spec lets a container use, told apart by how runtimes write it: to cgroup v1 from the members alone, to cgroup v2 with the files of
/// <c>unified</c> on top. A null is no limit. Written from the specification, not from the rule.
/// </summary>
internal sealed record ResourceModel(BigInteger? Pids, BigInteger? Memory, BigInteger? Sum, BigInteger? Swap, (BigInteger Quota, BigInteger Period)? Cpu, bool IsSound)
{
    public static ResourceModel OfV1(ContainerSpec spec)
    {
        BigInteger? memory = Limit(spec, SpecPath.MemoryLimit), sum = Limit(spec, SpecPath.MemorySwap);
        BigInteger? quota = Limit(spec, SpecPath.CpuQuota);
        BigInteger period = spec.Number(SpecPath.CpuPeriod) is > 0 and ulong given ? given : 100_000;
        return new ResourceModel(
            Limit(spec, SpecPath.PidsLimit), memory, sum, sum - memory, quota is { } time ? (time, period) : null,
            IsSound: sum is null || sum >= memory);
    }

    public static ResourceModel OfV2(ContainerSpec spec)
    {
        ResourceModel members = OfV1(spec);
        (BigInteger, BigInteger)? cpu = members.Cpu;
        if (spec.Text(SpecPath.UnifiedCpuMax)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { } words)
        {
            BigInteger period = words.Length > 1 ? BigInteger.Parse(words[1], CultureInfo.InvariantCulture)
                : spec.Number(SpecPath.CpuPeriod) is > 0 and ulong given ? given : 100_000;
            cpu = words[0] == "max" ? null : (BigInteger.Parse(words[0], CultureInfo.InvariantCulture), period);
        }

        return members with { Pids = File(spec, SpecPath.UnifiedPidsMax, members.Pids), Memory = File(spec, SpecPath.UnifiedMemoryMax, members.Memory), Cpu = cpu };
    }

    public static void AssertNeverWeaker(ContainerSpec before, ContainerSpec after)
    {
        foreach (Func<ContainerSpec, ResourceModel> of in (Func<ContainerSpec, ResourceModel>[])[OfV1, OfV2])
        {
            (ResourceModel old, ResourceModel own) = (of(before), of(after));
            Assert.True(IsWithin(own.Pids, old.Pids) && IsWithin(own.Memory, old.Memory) && IsWithin(own.Sum, old.Sum), $"{old} became {own}");
            Assert.True(old.Cpu is null || own.Cpu is { } now && now.Quota * old.Cpu.Value.Period <= old.Cpu.Value.Quota * now.Period, $"{old} became {own}");
            Assert.True(!old.IsSound || own.IsSound, $"{old} was sound and became {own}");
            Assert.True(!old.IsSound || old.Memory is null || IsWithin(own.Swap, old.Swap), $"{old} became {own}");
        }
    }

    public static void AssertWithin(ResourceBounds bounds, ContainerSpec spec)
    {
        foreach (ResourceModel model in (ResourceModel[])[OfV1(spec), OfV2(spec)])
        {
            Assert.True(IsWithin(model.Pids, bounds.PidsMax) && IsWithin(model.Memory, bounds.MemoryMax), $"{model} is not within {bounds}");
            Assert.True(bounds.CpuMaxMilli is null || model.Cpu is { } cpu && cpu.Quota * 1000 <= cpu.Period * bounds.CpuMaxMilli, $"{model} is not within {bounds}");
        }
    }

    private static bool IsWithin(BigInteger? limit, BigInteger? most) => most is null || limit <= most;

    private static BigInteger? Limit(ContainerSpec spec, SpecPath path) => spec.SignedNumber(path) is > 0 and long given ? given : null;

    private static BigInteger? File(ContainerSpec spec, SpecPath path, BigInteger? otherwise)
    {
        string? text = spec.Text(path)?.Trim();
        return text is null ? otherwise : text == "max" ? null
            : text[^1] is 'K' or 'E' ? BigInteger.Parse(text[..^1], CultureInfo.InvariantCulture) << (text[^1] == 'K' ? 10 : 60)
            : BigInteger.Parse(text, CultureInfo.InvariantCulture);
    }
}
