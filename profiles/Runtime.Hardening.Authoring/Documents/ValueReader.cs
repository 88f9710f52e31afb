using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>Reads typed values out of nodes. Each method gives null after a finding, and never stops the others.</summary>
internal sealed class ValueReader(LintReport report)
{
    // File names and the kernel's profile names; long enough for any of ours and short enough for a folder entry with a checksum.
    private const int LongestName = 128;
    private const int LongestPath = 4096;

    private static readonly string[] s_shortCapabilities = [.. CapabilitySet.KnownNames.ToArray().Select(n => n["CAP_".Length..])];

    public LintReport Report { get; } = report;

    public object? Truth(YamlNode node)
    {
        if (node is YamlScalar { IsPlain: true, Text: "true" or "false" } scalar)
        {
            return scalar.Text == "true";
        }

        WrongType(node, "true or false");
        return null;
    }

    /// <summary>A text. Plain numbers and truth values are refused, because another YAML reader would not see a text there.</summary>
    public string? Text(YamlNode node, string expected)
    {
        if (node is YamlScalar { IsNull: false, IsNumber: false, IsTruthLike: false } scalar)
        {
            return scalar.Text;
        }

        WrongType(node, expected, node is YamlScalar { IsNull: false } ? " Put it in quotes if it is meant as a text." : "");
        return null;
    }

    public string? Choice(YamlNode node, string[] words)
    {
        // 'off' is a truth value to YAML 1.1 and a mode to us.
        if (node is not YamlScalar { IsNull: false } scalar)
        {
            WrongType(node, $"one of {string.Join(", ", words)}");
            return null;
        }

        if (words.Contains(scalar.Text))
        {
            return scalar.Text;
        }

        Report.Error("unknown-value", scalar.Location, $"'{scalar.Text}' is not known here, expected {(words.Length == 1 ? "" : "one of ")}{string.Join(", ", words)}.{DidYouMean.Sentence(scalar.Text, words)}");
        return null;
    }

    public string[]? Choices(YamlNode node, string[] words) => List(node, "a list of words", item => Choice(item, words));

    public string? ProfileName(YamlNode node)
    {
        if (Text(node, "the name of a profile") is not { } name)
        {
            return null;
        }

        if (name.Length <= LongestName && name.Length > 0 && char.IsAsciiLetterOrDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            return name;
        }

        Report.Error("bad-name", node.Location,
            $"'{name}' is not the name of a profile: expected at most {LongestName} letters, digits, '-', '_' and '.', a letter or digit first. A path or file ending does not belong here.");
        return null;
    }

    public string[]? Capabilities(YamlNode node) => List(node, "a list of capabilities", item =>
    {
        if (Text(item, "the name of a capability") is not { } name)
        {
            return null;
        }

        string full = name.StartsWith("CAP_", StringComparison.Ordinal) ? name : "CAP_" + name;
        if (CapabilitySet.TryParse(full, out _))
        {
            return full;
        }

        string hint = name == "ALL" ? " Leave 'capabilities' out to keep all." : DidYouMean.Sentence(name, name.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? CapabilitySet.KnownNames.ToArray() : s_shortCapabilities);
        Report.Error("unknown-capability", item.Location, $"Unknown capability '{name}', expected a name from capabilities(7) such as NET_BIND_SERVICE.{hint}");
        return null;
    });

    public string[]? Paths(YamlNode node) => List(node, "a list of absolute paths", item =>
    {
        if (Text(item, "an absolute path") is not { } path)
        {
            return null;
        }

        if (PathMistake(path) is not { } mistake)
        {
            return path;
        }

        Report.Error("bad-path", item.Location, $"The path '{path}' {mistake}.");
        return null;
    });

    public string[]? Globs(YamlNode node, bool absolute = false)
    {
        string[]? globs = List(node, "a list of globs", item => GlobText(item, absolute));
        if (globs is [] && !absolute)
        {
            Report.Error("empty-list", node.Location, "An empty list would match nothing. Remove the field to match everything, or name something.");
        }

        return globs;
    }

    public string? GlobText(YamlNode node, bool absolute)
    {
        if (Text(node, "a glob") is not { } glob)
        {
            return null;
        }

        if (GlobMistake(glob, absolute) is not { } mistake)
        {
            return glob;
        }

        Report.Error("bad-glob", node.Location, $"The glob '{glob}' {mistake}.");
        return null;
    }

    public T[]? List<T>(YamlNode node, string expected, Func<YamlNode, T?> read)
        where T : class
    {
        if (node is not YamlSequence sequence)
        {
            WrongType(node, expected);
            return null;
        }

        List<T> items = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        bool complete = true;
        foreach (YamlNode item in sequence.Items)
        {
            T? value = read(item);
            complete &= value is not null;
            if (value is string text && !seen.Add(text))
            {
                Report.Warning("duplicate-item", item.Location, $"'{text}' stands twice in this list. Remove one.");
            }
            else if (value is not null)
            {
                items.Add(value);
            }
        }

        return complete ? [.. items] : null;
    }

    public void WrongType(YamlNode node, string expected, string hint = "")
        => Report.Error("wrong-type", node.Location, $"Expected {expected}, but this is {node.Kind}.{hint}");

    private static string? PathMistake(string path)
    {
        if (!path.StartsWith('/'))
        {
            return "is relative, expected an absolute one: runtimes resolve it inside the container's root. Begin it with '/'";
        }

        if (path.Length > LongestPath || path.Any(char.IsControl))
        {
            return $"has control characters or more than {LongestPath} characters";
        }

        if (path == "/")
        {
            return "is the whole root file system. Use 'rootFilesystem: readOnly' for that";
        }

        return path.EndsWith('/') || path.Split('/').Skip(1).Any(s => s is "" or "." or "..")
            ? "has an empty, '.' or '..' part or ends in '/', so it would not compare equal to what engines write. Write it in its shortest form"
            : path.Contains('*') ? "has a '*', but globs have no meaning here. Name each path" : null;
    }

    private static string? GlobMistake(string glob, bool absolute)
    {
        if (glob.Length == 0)
        {
            return "is empty and matches nothing. Remove it";
        }

        if (glob.Length > LongestPath || glob.Any(char.IsControl))
        {
            return $"has control characters or more than {LongestPath} characters";
        }

        if (glob.StartsWith('!'))
        {
            return "begins with '!', but there is no negation: list what shall match";
        }

        if (glob.AsSpan().ContainsAny("[]{}\\"))
        {
            return "uses brackets, braces or a backslash, which have no special meaning here. Only *, ** and ? do; write several entries";
        }

        return glob.Contains("***", StringComparison.Ordinal) ? "has three stars in a row. Use * (within a part) or ** (across '/')"
            : absolute && !glob.StartsWith('/') ? "is not absolute and could never match the source of a bind mount. Begin it with '/'" : null;
    }
}
