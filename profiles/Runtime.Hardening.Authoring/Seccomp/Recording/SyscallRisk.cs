using System.Globalization;

namespace Runtime.Hardening.Authoring.Seccomp.Recording;

/// <summary>What an allowed call opens for an attacker who does not need it for the program's work.</summary>
/// <param name="Level">From 3 (the kernel or the host) to 1 (helps along); 0 for all others.</param>
/// <param name="Why">A few words for people.</param>
public sealed record SyscallRisk(int Level, string Why)
{
    private static readonly SyscallRisk s_none = new(0, "");
    private static readonly Dictionary<string, SyscallRisk> s_all = Read();

    /// <summary>Every name that has one.</summary>
    public static IReadOnlyCollection<string> Names => s_all.Keys;

    /// <summary>The risk of a call.</summary>
    public static SyscallRisk Of(string name) => s_all.GetValueOrDefault(name, s_none);

    private static Dictionary<string, SyscallRisk> Read()
    {
        using Stream stream = typeof(SyscallRisk).Assembly.GetManifestResourceStream("risks.csv")!;
        using StreamReader reader = new(stream);
        reader.ReadLine();   // what the file is
        reader.ReadLine();   // its columns
        Dictionary<string, SyscallRisk> risks = new(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            string[] cells = line.Split(',', 3);
            risks.Add(cells[0], new SyscallRisk(int.Parse(cells[1], CultureInfo.InvariantCulture), cells[2]));
        }

        return risks;
    }
}
