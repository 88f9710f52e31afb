using System.Text.RegularExpressions;

namespace Runtime.Hardening.Authoring.AppArmor;

/// <summary>
/// Paths and names that may become profile text. They are written between quotes, where apparmor_parser still reads variables, alternations, classes and
/// escapes; so only letters that mean nothing to it, and globs of a form that is checked, may stand in them.
/// </summary>
internal static partial class AppArmorPath
{
    private const int LongestPath = 4096;
    private const int LongestName = 128;

    /// <summary>What is wrong with a path, as the end of a sentence; null when it may stand in a profile.</summary>
    public static string? MistakeOf(string path)
    {
        if (!path.StartsWith('/'))
        {
            return "is relative, expected an absolute one as the container sees it. Begin it with '/'";
        }

        if (path.Length > LongestPath)
        {
            return $"has more than {LongestPath} characters";
        }

        // By its place: NUL is a letter too, and "none found" must not look like it.
        int strange = Array.FindIndex(path.ToCharArray(), static c => !IsSafe(c) && !"*?[]^".Contains(c, StringComparison.Ordinal));
        if (strange >= 0)
        {
            return $"contains {Name(path[strange])}, which has a meaning of its own in a profile. Use '?' for one letter, or another path";
        }

        if (path.Contains("***", StringComparison.Ordinal))
        {
            return "has three stars in a row. Use * (within a part) or ** (across '/')";
        }

        if (Classes().Replace(path, "x").AsSpan().ContainsAny("[]^"))
        {
            return "has brackets that are no class of letters and digits such as [0-9] or [^a-f]. Close them, or use '?'";
        }

        if (Ranges().Matches(path).Select(static m => m.Value).FirstOrDefault(static range => range[0] > range[2]) is { } reversed)
        {
            return $"has the range {reversed}, which runs backwards and matches nothing. Write {reversed[2]}-{reversed[0]}";
        }

        // The last part may be empty: AppArmor writes folders with '/' at the end.
        string[] parts = path[1..].Split('/');
        return parts.Any(part => part is "." or "..") || parts.SkipLast(1).Any(part => part.Length == 0)
            ? "has an empty, '.' or '..' part, and the kernel compares the path as it really is. Write it in its shortest form" : null;
    }

    /// <summary>What is wrong with the name of another profile; null when it may stand behind <c>peer=</c>.</summary>
    public static string? PeerMistakeOf(string peer)
        => peer.Length is > 0 and <= LongestName && !peer.Contains("***", StringComparison.Ordinal) && peer.All(c => char.IsAsciiLetterOrDigit(c) || "-_.+:/*".Contains(c, StringComparison.Ordinal))
            ? null : $"is not the name of a profile: expected at most {LongestName} letters, digits, '-', '_', '.', '+', ':', '/' and '*'";

    // Letters of any script: file names have them, and the kernel compares bytes.
    private static bool IsSafe(char c) => char.IsLetterOrDigit(c) || "/ ._-+:=~%,;@&".Contains(c, StringComparison.Ordinal);

    private static string Name(char c) => c switch
    {
        '\n' or '\r' => "a line break",
        '\t' => "a tab",
        _ when char.IsControl(c) || char.IsSurrogate(c) || char.IsWhiteSpace(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format => $"the character U+{(int)c:X4}",
        _ => $"'{c}'",
    };

    [GeneratedRegex(@"\[\^?(?:[A-Za-z0-9](?:-[A-Za-z0-9])?)+\]", RegexOptions.CultureInvariant)]
    private static partial Regex Classes();

    // Within a class alone, as Classes() reads it: from its bracket, over letters and other ranges.
    [GeneratedRegex(@"(?<=\[\^?(?:[A-Za-z0-9](?:-[A-Za-z0-9])?)*)[A-Za-z0-9]-[A-Za-z0-9]", RegexOptions.CultureInvariant)]
    private static partial Regex Ranges();
}
