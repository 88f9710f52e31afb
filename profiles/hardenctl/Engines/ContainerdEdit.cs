using System.Text;

namespace Runtime.Hardening.Cli.Engines;

/// <summary>What a person asked for.</summary>
/// <param name="Handler">Name of the new runtime entry: what a RuntimeClass names as its handler.</param>
/// <param name="Hook">Absolute path of the hook, the entry's BinaryName.</param>
/// <param name="From">The entry whose options are copied.</param>
/// <param name="Default">Whether the entry becomes containerd's default.</param>
internal sealed record ContainerdRequest(string Handler, string Hook, string From, bool Default);

/// <summary>Adds one runtime entry to one file's text, and takes it out again. Every byte that is not ours stays.</summary>
internal static class ContainerdEdit
{
    private const string Begin = "# hardening: begin. Written by `hardenctl engine configure containerd`; `hardenctl engine restore containerd` takes it out.";
    private const string End = "# hardening: end.";

    /// <summary>The file's text with our entry in it.</summary>
    public static string Add(ConfigFile file, ContainerdSettings effective, ContainerdRequest request)
    {
        TomlText toml = file.Text;
        int version = VersionFor(file, effective);
        string[] containerd = ["plugins", version >= 3 ? ContainerdSettings.PluginOfVersion3 : ContainerdSettings.PluginOfVersion2, "containerd"];
        string[] runtimes = [.. containerd, "runtimes"];
        if (toml.InlineAround([.. runtimes, request.Handler]) is { } inline)
        {
            throw EngineException.Decide($"{file.Path}:{inline.Line}: '{string.Join('.', inline.Path)}' is written as an inline table, which TOML allows nobody to extend. "
                + $"Write it as a table under the header {TomlWriter.Header(inline.Path)}, then run this again.");
        }

        StringBuilder text = new(toml.Text);
        bool defaultInBlock = request.Default && !SetDefault(text, toml, containerd, request.Handler);
        if (file.Version is null)
        {
            text.Insert(0, $"version = {version}{toml.Newline}");
        }

        if (text.Length > 0 && text[^1] != '\n')
        {
            text.Append(toml.Newline);
        }

        text.Append(Begin).Append(toml.Newline);
        if (defaultInBlock)
        {
            TomlWriter.Table(text, containerd, new() { ["default_runtime_name"] = request.Handler }, toml.Newline);
        }

        if (version < 3 && !toml.Declares(runtimes))
        {
            // containerd 1.x forgets its built-in entries as soon as a file names one of its own (seen on 1.6 and 1.7), so they are written out.
            foreach ((string name, object entry) in effective.Runtimes)
            {
                TomlWriter.Table(text, [.. runtimes, name], WithoutDefaults((Dictionary<string, object>)entry), toml.Newline);
            }
        }

        TomlWriter.Table(text, [.. runtimes, request.Handler], Entry(effective, request), toml.Newline);
        return text.Append(End).Append(toml.Newline).ToString();
    }

    /// <summary>The text of a changed file without our entry: the marked block if it stands, else the entry's tables.</summary>
    /// <param name="toml">The file as somebody else left it.</param>
    /// <param name="handler">The name of our entry.</param>
    /// <param name="previousDefault">What default_runtime_name was before us; null if the file did not have the key.</param>
    public static string Remove(TomlText toml, string handler, string? previousDefault)
    {
        List<(int Start, int End, string Text)> cuts = [];
        int begin = toml.Text.IndexOf(Begin, StringComparison.Ordinal);
        int end = begin < 0 ? -1 : toml.Text.IndexOf(End, begin, StringComparison.Ordinal);
        if (end >= 0)
        {
            int newline = toml.Text.IndexOf('\n', end);
            cuts.Add((begin, newline < 0 ? toml.Text.Length : newline + 1, ""));
        }

        foreach (string plugin in (string[])[ContainerdSettings.PluginOfVersion2, ContainerdSettings.PluginOfVersion3])
        {
            cuts.AddRange(toml.TablesUnder(["plugins", plugin, "containerd", "runtimes", handler]).Select(t => (t.Start, t.End, "")));
            if (toml.FindKey("plugins", plugin, "containerd", "default_runtime_name") is { } key && toml.Text[key.ValueStart..key.ValueEnd].Trim('"', '\'') == handler)
            {
                cuts.Add(previousDefault is null ? (key.LineStart, key.LineEnd, "") : (key.ValueStart, key.ValueEnd, TomlWriter.Value(previousDefault)));
            }
        }

        StringBuilder text = new(toml.Text);
        int limit = int.MaxValue;
        foreach ((int start, int stop, string with) in cuts.OrderByDescending(c => c.End).ThenBy(c => c.Start))
        {
            if (stop <= limit)
            {
                text.Remove(start, stop - start).Insert(start, with);
                limit = start;
            }
        }

        return text.ToString();
    }

    /// <summary>Replaces default_runtime_name where the file has it, or adds it under the table's header; false if it has neither.</summary>
    private static bool SetDefault(StringBuilder text, TomlText toml, string[] containerd, string handler)
    {
        if (toml.FindKey([.. containerd, "default_runtime_name"]) is { } key)
        {
            text.Remove(key.ValueStart, key.ValueEnd - key.ValueStart).Insert(key.ValueStart, TomlWriter.Value(handler));
            return true;
        }

        if (toml.FindTable(containerd) is not { } table)
        {
            return false;
        }

        string before = table.HeaderEnd > 0 && toml.Text[table.HeaderEnd - 1] == '\n' ? "" : toml.Newline;
        text.Insert(table.HeaderEnd, $"{before}default_runtime_name = {TomlWriter.Value(handler)}{toml.Newline}");
        return true;
    }

    private static Dictionary<string, object> Entry(ContainerdSettings effective, ContainerdRequest request)
    {
        Dictionary<string, object> entry = WithoutDefaults((Dictionary<string, object>)effective.Runtimes[request.From]);
        if (!entry.TryGetValue("options", out object? options))
        {
            entry["options"] = options = new Dictionary<string, object>();
        }

        ((Dictionary<string, object>)options)["BinaryName"] = request.Hook;
        return entry;
    }

    /// <summary>
    /// The members that say something. A dump also lists every option at its zero value, which an entry has anyway; written out
    /// these lines would only grow old.
    /// </summary>
    private static Dictionary<string, object> WithoutDefaults(Dictionary<string, object> table)
    {
        Dictionary<string, object> kept = [];
        foreach ((string name, object value) in table)
        {
            switch (value)
            {
                case "" or false or 0L or 0.0 or List<object> { Count: 0 }:
                    break;
                case Dictionary<string, object> inner:
                    kept[name] = WithoutDefaults(inner);
                    break;
                default:
                    kept[name] = value;
                    break;
            }
        }

        return kept;
    }

    /// <summary>The version whose names our entry has to use in this file.</summary>
    /// <exception cref="EngineException">The file is of version 1, or newer than anything known.</exception>
    public static int VersionFor(ConfigFile file, ContainerdSettings effective)
    {
        switch (file.Version)
        {
            case 2 or 3 when file.Version <= effective.Version:
                return file.Version.Value;
            case null when !file.Text.Declares("plugins") && !file.Text.Declares("disabled_plugins") && !file.Text.Declares("required_plugins"):
                // Nothing in the file depends on the version, so stating one changes nothing else; containerd's answer is compared afterwards.
                return effective.Version;
            case null or 1:
                string stated = file.Version is null ? "states no version, which means version 1" : "states version = 1";
                throw EngineException.Decide($"'{file.Path}' {stated}; its plugin names are those of another age. Bring it to version 2 first: "
                    + $"`containerd --config {file.Path} config migrate` (containerd 1.7 and later) prints it, older ones need `version = 2` at the top and full plugin names by hand. Then run this again.");
            default:
                throw EngineException.Decide($"'{file.Path}' states version = {file.Version}; this containerd understands up to {effective.Version}, and this program up to 3.");
        }
    }
}
