using System.Globalization;
using System.Text;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>
/// Holds linux.resources under what policies bound, at create and at every update. What is tighter stays as it stands. A bound can be written twice, as a
/// member of its own and as a file of cgroup v2 in <c>unified</c>, which runtimes write last: both are held.
/// </summary>
/// <remarks>
/// At create a limit of 0 or below is none: engines write it so. (runc from 1.4 on takes <c>pids.limit: 0</c> for one process, with which no container
/// starts, so nobody means that.) In an update 0 and absent leave what the container has, which was held before.
/// </remarks>
public static class ResourceHardening
{
    /// <summary>What must change in a config.json.</summary>
    /// <exception cref="SpecFormatException">A limit is not what the OCI specification or the kernel's files say.</exception>
    public static void AtCreate(ContainerSpec spec, ResourceBounds limits, string policies, EditList edits)
        => new Held(spec, limits, policies, edits, IsUpdate: false).Hold();

    /// <summary>What must change in the resources of an update.</summary>
    /// <exception cref="SpecFormatException">As for <see cref="AtCreate"/>, or it cannot be told from the update alone what would come of it.</exception>
    public static EditList AtUpdate(ContainerSpec resources, ResourceBounds limits, string policies)
    {
        var edits = new EditList();
        new Held(resources, limits, policies, edits, IsUpdate: true).Hold();
        return edits;
    }

    private sealed record Held(ContainerSpec Spec, ResourceBounds Limits, string Policies, EditList Edits, bool IsUpdate)
    {
        public void Hold()
        {
            if (Limits.PidsMax is { } pids)
            {
                HoldPids(pids);
            }

            if (Limits.MemoryMax is { } memory)
            {
                HoldMemory(memory);
            }

            if (Limits.CpuMaxMilli is { } cpus)
            {
                HoldCpu(cpus);
            }
        }

        private void HoldPids(ulong most)
        {
            ulong wanted = HoldFile(SpecPath.UnifiedPidsMax, most, takesSuffix: false);
            long? given = Spec.SignedNumber(SpecPath.PidsLimit);
            if (!IsKept(given) && !(given > 0 && (ulong)given <= most))
            {
                Set(SpecPath.PidsLimit, wanted, Text(given));
            }
        }

        private void HoldMemory(ulong most)
        {
            ulong wanted = HoldFile(SpecPath.UnifiedMemoryMax, most, takesSuffix: true);
            long? given = Spec.SignedNumber(SpecPath.MemoryLimit);
            if (IsKept(given) || (given > 0 && (ulong)given <= most))
            {
                return;
            }

            // swap counts memory in. cgroup v1 wants the sum not below the memory; runtimes on cgroup v2 give the difference as swap alone. So the sum falls
            // by as much as the memory: then neither the sum nor the difference grows, and what was in order stays so.
            if (Spec.SignedNumber(SpecPath.MemorySwap) is > 0 and long sum)
            {
                if (given > 0)
                {
                    Set(SpecPath.MemorySwap, (ulong)Math.Max(1, sum - (given.Value - (long)wanted)), Text(sum));
                }
                else
                {
                    wanted = Math.Min(wanted, (ulong)sum);
                }
            }

            Set(SpecPath.MemoryLimit, wanted, Text(given));
        }

        private void HoldCpu(ulong milli)
        {
            var most = new CpuShare(milli, 1000);
            long? quota = Spec.SignedNumber(SpecPath.CpuQuota);
            ulong? period = Spec.Number(SpecPath.CpuPeriod);
            CpuShare wanted = HoldCpuFile(most, period);
            if (IsUpdate && (quota is null or 0 || period is null or 0))
            {
                // Zero twice, which engines send beside other changes, leaves both as they are in every runtime.
                if ((quota ?? 0) == 0 && (period ?? 0) == 0 && quota is null == period is null)
                {
                    return;
                }

                if (quota is null or >= 0)
                {
                    throw new SpecFormatException(
                        "cpu.quota and cpu.period are a share of CPU time only together, and runtimes disagree on what one of them does to the other; give both");
                }
            }

            if (quota > 0 && new CpuShare((ulong)quota, Used(period)).IsWithin(most))
            {
                return;
            }

            (ulong newQuota, ulong newPeriod) = wanted.Over(Used(period));
            Set(SpecPath.CpuQuota, newQuota, Text(quota));
            if (period != newPeriod)
            {
                Set(SpecPath.CpuPeriod, newPeriod, period is null ? "absent" : Number(period.Value));
            }

            // The kernel refuses a burst above the quota.
            if (Spec.Number(SpecPath.CpuBurst) is { } burst && burst > newQuota)
            {
                Set(SpecPath.CpuBurst, newQuota, Number(burst));
            }
        }

        // Gives the share that a missing limit becomes: the file's where that is tighter, so that the two never say different things.
        private CpuShare HoldCpuFile(CpuShare most, ulong? period)
        {
            if (Spec.Text(SpecPath.UnifiedCpuMax) is not { } text)
            {
                return most;
            }

            (ulong? quota, ulong? own) = CgroupValue.CpuMax(text);
            if (IsUpdate && quota is not null && own is null)
            {
                throw new SpecFormatException($"{SpecPath.UnifiedCpuMax.Text()} '{text}' keeps a period that is not given; write both numbers");
            }

            CpuShare? share = quota is { } given ? new CpuShare(given, Used(own ?? period)) : null;
            if (share is { } held && held.IsWithin(most))
            {
                return held;
            }

            (ulong newQuota, ulong newPeriod) = most.Over(Used(own ?? period));
            SetText(SpecPath.UnifiedCpuMax, $"{Number(newQuota)} {Number(newPeriod)}", text);
            if (Spec.Text(SpecPath.UnifiedCpuMaxBurst) is { } burst
                && !(CgroupValue.Limit(burst, SpecPath.UnifiedCpuMaxBurst, takesSuffix: false) <= newQuota))
            {
                SetText(SpecPath.UnifiedCpuMaxBurst, Number(newQuota), burst);
            }

            return most;
        }

        // Gives the tighter of the bound and the file.
        private ulong HoldFile(SpecPath path, ulong most, bool takesSuffix)
        {
            if (Spec.Text(path) is not { } text)
            {
                return most;
            }

            if (CgroupValue.Limit(text, path, takesSuffix) is { } given && given <= most)
            {
                return Math.Max(given, 1);
            }

            SetText(path, Number(most), text);
            return most;
        }

        private bool IsKept(long? given) => IsUpdate && given is null or 0;

        private static ulong Used(ulong? period) => period is null or 0 ? CpuShare.UsualPeriod : period.Value;

        private void Set(SpecPath path, ulong value, string before)
            => Edits.Add(new SpecEdit(path, Encoding.ASCII.GetBytes(Number(value)), RuleId.Resources, Policies, before, Number(value)));

        private void SetText(SpecPath path, string value, string before)
            => Edits.Add(new SpecEdit(path, JsonText.Quoted(value), RuleId.Resources, Policies, before, value));

        private static string Text(long? value) => value is null ? "absent" : value.Value.ToString(CultureInfo.InvariantCulture);

        private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
