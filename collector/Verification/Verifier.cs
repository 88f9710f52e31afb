using Runtime.Hardening.Collector.Containerd;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Collector.Verification;

/// <summary>What reading back a process told.</summary>
internal enum Verdict
{
    /// <summary>It is confined at least as its record says.</summary>
    Verified,

    /// <summary>At least one field is looser than the record says.</summary>
    Mismatch,

    /// <summary>No record: the container went round the hook.</summary>
    Unmanaged,

    /// <summary>It could not be told.</summary>
    Unverified,
}

/// <summary>One answer of the <see cref="Verifier"/>. Differences of a mismatch read `field: expected X, found Y`.</summary>
internal sealed record VerificationResult(
    Verdict Verdict, uint Pid, string Message, IReadOnlyList<string> Differences, ProcessSecurity? Seen, ContainerRecord? Record);

/// <summary>Reads processes back from the kernel and compares them with what the hook recorded.</summary>
internal sealed class Verifier(ProcessReader processes, RecordFinder records)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3), s_poll = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits until the process is the container's program, then reads it.</summary>
    internal async Task<VerificationResult> VerifyAsync(ContainerIdentity container, uint pid, CancellationToken cancellation)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            switch (processes.IsStillRuntime(pid))
            {
                case null:
                    return Unverified(pid, "the process was gone before it could be read");
                case true when TimeProvider.System.GetElapsedTime(begun) > s_patience:
                    return Unverified(pid, $"the process was still the runtime's after {s_patience.TotalSeconds:0} s");
                case true:
                    await Task.Delay(s_poll, cancellation);
                    continue;
                default:
                    return Compare(container, pid);
            }
        }
    }

    /// <summary>Compares at once.</summary>
    internal VerificationResult Compare(ContainerIdentity container, uint pid)
    {
        try
        {
            if (processes.Read(pid) is not { } seen)
            {
                return Unverified(pid, "the process was gone before it could be read");
            }

            if (records.Find(container.RuntimeRoot, container.Id) is not { } record)
            {
                return new(Verdict.Unmanaged, pid, $"no record: the container did not come through the hook. Read: {seen.Describe()}", [], seen, null);
            }

            if (record.Ceiling is not { } ceiling)
            {
                return new(Verdict.Verified, pid, $"nothing was to be hardened (decision {record.Decision}). Read: {seen.Describe()}", [], seen, record);
            }

            List<string> differences = Differences(ceiling, seen);
            return differences.Count == 0
                ? new(Verdict.Verified, pid, $"confined as recorded. Read: {seen.Describe()}", [], seen, record)
                : new(Verdict.Mismatch, pid, $"looser than recorded: {string.Join("; ", differences)}", differences, seen, record);
        }
        catch (Exception e) when (e is HardeningFormatException or FormatException or IOException or UnauthorizedAccessException)
        {
            return Unverified(pid, e.Message);
        }
    }

    /// <summary>Every field in which a process is looser than the ceiling.</summary>
    internal static List<string> Differences(Ceiling ceiling, ProcessSecurity seen)
    {
        List<string> differences = [];
        if (ceiling.Seccomp && seen.Seccomp != 2)
        {
            differences.Add("seccomp: expected a filter, found none");
        }

        if (ceiling.NoNewPrivileges && !seen.NoNewPrivileges)
        {
            differences.Add("no_new_privs: expected set, found not set");
        }

        if (ceiling.AppArmorProfile is not ("" or "unconfined") && !seen.IsConfinedBy(ceiling.AppArmorProfile))
        {
            differences.Add($"apparmor: expected '{ceiling.AppArmorProfile}', found {(seen.AppArmor is null ? "no AppArmor" : $"'{seen.AppArmor}'")}");
        }

        for (int i = 0; i < Ceiling.CapabilitySets; i++)
        {
            // An execve as root raises effective and permitted up to the bounding set (capabilities(7)); more is a breach.
            ulong allowed = ceiling.Capabilities[i].Bits | (i is 1 or 2 ? ceiling.Capabilities[0].Bits : 0);
            ulong beyond = seen.Capabilities[i] & ~allowed;
            if (beyond != 0)
            {
                differences.Add($"capabilities.{Ceiling.CapabilitySetNames[i]}: beyond the record by {Names(beyond)}");
            }
        }

        return differences;
    }

    // A kernel newer than our list of names may have more bits than names.
    private static string Names(ulong bits) =>
        string.Join(", ", [.. new CapabilitySet(bits & CapabilitySet.All.Bits).ToNames(), .. (bits & ~CapabilitySet.All.Bits) == 0 ? [] : new[] { $"0x{bits & ~CapabilitySet.All.Bits:x}" }]);

    private static VerificationResult Unverified(uint pid, string why) => new(Verdict.Unverified, pid, why, [], null, null);
}
