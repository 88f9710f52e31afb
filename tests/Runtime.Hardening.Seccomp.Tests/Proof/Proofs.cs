using System.Globalization;

namespace Runtime.Hardening.Seccomp.Tests.Proof;

/// <summary>How much to prove, and where to say so.</summary>
internal static class Proofs
{
    /// <summary>Of small profiles: two that were made up, their meet and their union. libseccomp refuses one pair in sixteen.</summary>
    public static int Pairs { get; } = Number("HARDENING_PROOF_PAIRS", 10_900);

    /// <summary>Of profiles with more than 300 names; libseccomp refuses nearly half of them.</summary>
    public static int LargePairs { get; } = Number("HARDENING_PROOF_LARGE_PAIRS", 260);

    /// <summary>For the person who reads the test's output, and for the one who reads that of all tests.</summary>
    public static void Note(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Environment.GetEnvironmentVariable("HARDENING_NOTES") is { Length: > 0 } file)
        {
            lock (s_file)
            {
                File.AppendAllText(file, line + "\n");
            }
        }
    }

    private static readonly Lock s_file = new();

    private static int Number(string variable, int fallback)
        => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;
}
