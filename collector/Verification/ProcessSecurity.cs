using System.Globalization;
using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Collector.Verification;

/// <summary>What the kernel says of a process: the fields of /proc/PID/status and its AppArmor label.</summary>
/// <param name="Seccomp">0 none, 1 strict, 2 filter.</param>
/// <param name="SeccompFilters">How many filters; null on kernels that do not say (before 5.9).</param>
/// <param name="NoNewPrivileges">The no_new_privs bit.</param>
/// <param name="Capabilities">Bounding, effective, permitted, inheritable, ambient: in the order of the record's ceiling.</param>
/// <param name="AppArmor">The label with its mode, as in `profile (enforce)`; null where the kernel has no AppArmor.</param>
internal sealed record ProcessSecurity(int Seccomp, int? SeccompFilters, bool NoNewPrivileges, ulong[] Capabilities, string? AppArmor)
{
    private static readonly string[] s_sets = ["CapBnd", "CapEff", "CapPrm", "CapInh", "CapAmb"];

    /// <summary>Reads the text of /proc/PID/status.</summary>
    /// <exception cref="FormatException">A field is missing or not a number: not a status file of Linux 4.10 or newer.</exception>
    internal static ProcessSecurity Parse(string status, string? appArmor)
    {
        Dictionary<string, string> fields = [];
        foreach (string line in status.Split('\n'))
        {
            int colon = line.IndexOf(':');
            if (colon > 0)
            {
                fields.TryAdd(line[..colon], line[(colon + 1)..].Trim());
            }
        }

        string Field(string name) => fields.TryGetValue(name, out string? value) ? value : throw new FormatException($"status has no field '{name}'");
        return new(
            int.Parse(Field("Seccomp"), CultureInfo.InvariantCulture),
            fields.TryGetValue("Seccomp_filters", out string? filters) ? int.Parse(filters, CultureInfo.InvariantCulture) : null,
            Field("NoNewPrivs") == "1",
            [.. s_sets.Select(set => ulong.Parse(Field(set), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))],
            appArmor?.TrimEnd('\n', '\0'));
    }

    /// <summary>What was read, and no more than that.</summary>
    internal string Describe()
    {
        string seccomp = Seccomp switch
        {
            0 => "none",
            1 => "strict mode",
            _ => SeccompFilters is { } count ? string.Create(CultureInfo.InvariantCulture, $"present, {count} filter{(count == 1 ? "" : "s")}") : "present",
        };
        return string.Create(CultureInfo.InvariantCulture,
            $"seccomp: {seccomp}; no_new_privs: {(NoNewPrivileges ? "set" : "not set")}; bounding set: {ulong.PopCount(Capabilities[0])} capabilities; AppArmor: {AppArmor ?? "not available"}");
    }

    /// <summary>Whether every one of these profiles confines the process: `a//&amp;b` is two, which the kernel prints in an order of its own.</summary>
    internal bool IsConfinedBy(string profiles)
    {
        string label = AppArmor ?? "";
        // The mode is the last parenthesis; the name may hold any other. A stack of different modes is "mixed".
        int mode = label.EndsWith(')') ? label.LastIndexOf(" (", StringComparison.Ordinal) : -1;
        return mode > 0
            && HostFacts.IsEnforcing(label[(mode + 2)..^1])
            && !profiles.Split("//&").Except(label[..mode].Split("//&")).Any();
    }
}
