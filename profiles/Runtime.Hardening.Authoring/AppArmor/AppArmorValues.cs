using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.AppArmor;

/// <summary>Reads what will stand in profile text. Nothing passes here that could be read there as more than one path, name or word.</summary>
internal sealed class AppArmorValues(LintReport report)
{
    /// <summary>The values that policies have too.</summary>
    public ValueReader Plain { get; } = new(report);

    public string[]? Paths(YamlNode node) => Plain.List(node, "a list of absolute paths", Path);

    public string? Path(YamlNode node) => Checked(node, "an absolute path", "bad-path", "The path", AppArmorPath.MistakeOf);

    public string[]? Peers(YamlNode node) => Plain.List(node, "a list of profile names", item => Checked(item, "the name of a profile", "bad-name", "The peer", AppArmorPath.PeerMistakeOf));

    public string? FileSystem(YamlNode node) => Checked(node, "the type of a file system", "bad-name", "The type",
        type => type.Length is > 0 and <= 64 && type.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-' or '.') ? null
            : "is not the type of a file system: expected a word from /proc/filesystems such as tmpfs");

    /// <summary>A family, or a family and a type with one blank between them.</summary>
    public string[]? Networks(YamlNode node) => Plain.List(node, "a list of network families such as inet, 'inet stream' or unix", item =>
    {
        if (Plain.Text(item, "a network family") is not { } text)
        {
            return null;
        }

        string[] words = text.Split(' ');
        if (words.Length <= 2 && AppArmorWords.Families.Contains(words[0]) && (words.Length == 1 || AppArmorWords.SocketTypes.Contains(words[1])))
        {
            return text;
        }

        string hint = AppArmorWords.Families.Contains(words[0]) && words.Length > 1
            ? $" The types are {string.Join(", ", AppArmorWords.SocketTypes)}." : text == "all" ? " Without the list: allow: all." : DidYouMean.Sentence(words[0], AppArmorWords.Families);
        report.Error("unknown-network", item.Location, $"'{Shown(text)}' is no network family, expected one such as inet, inet6 or unix, and after a blank a type of socket if one is meant.{hint}");
        return null;
    });

    private string? Checked(YamlNode node, string expected, string code, string what, Func<string, string?> mistake)
    {
        if (Plain.Text(node, expected) is not { } text)
        {
            return null;
        }

        if (mistake(text) is not { } words)
        {
            return text;
        }

        report.Error(code, node.Location, $"{what} '{Shown(text)}' {words}.");
        return null;
    }

    // A finding is one line of a terminal, whatever somebody wrote into a path.
    private static string Shown(string text)
        => string.Concat((text.Length <= 120 ? text : string.Concat(text.AsSpan(0, 120), "...")).Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format ? ' ' : c));
}
