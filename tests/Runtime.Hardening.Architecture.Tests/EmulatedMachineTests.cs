using System.Text.RegularExpressions;

namespace Runtime.Hardening.Architecture.Tests;

/// <summary>What tests/vm promises about itself, without starting a machine: no check is written and then forgotten.</summary>
public sealed partial class EmulatedMachineTests
{
    private static readonly string s_suite = Path.Combine(Repository.Root, "tests", "vm");

    public static TheoryData<string> Areas() =>
        [.. Directory.GetFiles(Path.Combine(s_suite, "checks"), "*.sh").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Areas))]
    public void EveryCheckOfAnAreaIsDefinedAndListed(string area)
    {
        string text = File.ReadAllText(Path.Combine(s_suite, "checks", area + ".sh"));
        Match list = CheckList().Match(text);
        Assert.True(list.Success, $"checks/{area}.sh has no line 'checks NAME...' at its end: none of its checks would run.");
        string[] listed = list.Groups["names"].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string[] defined = [.. CheckFunction().Matches(text).Select(match => match.Groups["name"].Value)];
        Assert.Equal(defined.Order(StringComparer.Ordinal), listed.Where(name => !name.StartsWith('$') && !name.StartsWith('"')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryAreaBelongsToABootAndEveryBootNamesAreasThatExist()
    {
        string[] named = [.. Directory.GetFiles(Path.Combine(s_suite, "boots"), "*.sh")
            .SelectMany(file => AreaList().Match(File.ReadAllText(file)).Groups["names"].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(name => name != "reboot").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Assert.Equal(Areas().Select(row => row.Data).Order(StringComparer.Ordinal), named);
    }

    // A check is a function whose name is a claim, so it has dashes; helpers have none.
    [GeneratedRegex(@"^(?<name>[a-z0-9]+(-[a-z0-9]+)+)\(\)", RegexOptions.Multiline)]
    private static partial Regex CheckFunction();

    [GeneratedRegex(@"^checks (?<names>(.|\\\n)+)\s*\z", RegexOptions.Multiline)]
    private static partial Regex CheckList();

    [GeneratedRegex(@"^areas=\((?<names>[^)]*)\)", RegexOptions.Multiline)]
    private static partial Regex AreaList();
}
