using System.Globalization;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>What the kernel says about a process's confinement: lines of /proc/PID/status.</summary>
public sealed record ProcessStatus(ulong Effective, ulong Permitted, ulong Inheritable, ulong Bounding, ulong Ambient, bool NoNewPrivileges, int Seccomp)
{
    /// <summary>Two: a filter is installed.</summary>
    public const int SeccompFilter = 2;

    /// <summary>CAP_NET_BIND_SERVICE, the one capability that the tests' policy keeps.</summary>
    public const ulong NetBindService = 1UL << 10;

    public static ProcessStatus OfProcess(int pid) => Parse(File.ReadAllText($"/proc/{pid}/status"));

    /// <summary>From the kernel's file, or from what the probe printed of it.</summary>
    public static ProcessStatus Parse(string text)
    {
        Dictionary<string, string> lines = text.Split('\n').Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1].Trim());
        ulong Set(string name) => ulong.Parse(lines[name], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return new(
            Set("CapEff"), Set("CapPrm"), Set("CapInh"), Set("CapBnd"), Set("CapAmb"), lines["NoNewPrivs"] == "1", int.Parse(lines["Seccomp"], CultureInfo.InvariantCulture));
    }
}
