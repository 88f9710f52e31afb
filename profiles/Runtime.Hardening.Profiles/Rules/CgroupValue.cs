using System.Globalization;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>
/// Values of cgroup v2 files as the kernel reads them, as far as they are plain. It also reads octal and hexadecimal numbers; nobody writes those, and what
/// we cannot compare with certainty is refused.
/// </summary>
internal static class CgroupValue
{
    private const string Suffixes = "KMGTPE";

    /// <summary>The limit in a file like memory.max; null for <c>max</c>.</summary>
    /// <exception cref="SpecFormatException">It is neither <c>max</c> nor a plain number.</exception>
    public static ulong? Limit(string text, SpecPath path, bool takesSuffix)
    {
        string value = text.Trim();
        if (value == "max")
        {
            return null;
        }

        int shift = takesSuffix && value.Length > 1 ? (Suffixes.IndexOf(char.ToUpperInvariant(value[^1]), StringComparison.Ordinal) + 1) * 10 : 0;
        ulong number = Plain(shift > 0 ? value[..^1] : value)
            ?? throw new SpecFormatException($"{path.Text()} must be 'max' or a plain number, but is '{text}'");
        // What does not fit is more than any limit.
        return number <= ulong.MaxValue >> shift ? number << shift : null;
    }

    /// <summary>The two numbers of cpu.max; a null quota is <c>max</c>, a null period is not given.</summary>
    /// <exception cref="SpecFormatException">It is no quota with an optional period.</exception>
    public static (ulong? Quota, ulong? Period) CpuMax(string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        ulong? quota = words.Length > 0 ? Plain(words[0]) : null;
        ulong? period = words.Length > 1 ? Plain(words[1]) : null;
        return words.Length is 1 or 2 && (quota is > 0 || words[0] == "max") && (period is > 0 || words.Length == 1)
            ? (quota, period)
            : throw new SpecFormatException($"{SpecPath.UnifiedCpuMax.Text()} must be 'max' or a quota, and perhaps a period, but is '{text}'");
    }

    private static ulong? Plain(string text)
        => (text.Length == 1 || (text.Length > 1 && text[0] != '0')) && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : null;
}
