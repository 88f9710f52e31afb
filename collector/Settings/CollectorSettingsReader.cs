using System.Text;
using System.Text.Json;

namespace Runtime.Hardening.Collector.Settings;

/// <summary>Reads collector.json. Every mistake is reported, each with file and line.</summary>
internal static class CollectorSettingsReader
{
    private const string Known = "interval, containerd, cgroupRoot, hook, output, state, socket";

    // sun_path of unix(7) with its terminating NUL is 108 bytes.
    private const int LongestSocketPath = 107;

    /// <summary>Which file is meant: the option, HARDENING_CONFIG's neighbour, or /etc/hardening/collector.json.</summary>
    internal static string Locate(string? option, Func<string, string?> environment)
    {
        string? named = option ?? NotEmpty(environment("HARDENING_COLLECTOR_CONFIG"));
        if (named is not null)
        {
            return Path.GetFullPath(named);
        }

        string? folder = NotEmpty(environment("HARDENING_CONFIG")) is { } hook ? Path.GetDirectoryName(Path.GetFullPath(hook)) : null;
        return Path.Combine(folder ?? "/etc/hardening", "collector.json");
    }

    /// <summary>Whether somebody named the file, by option or variable: then it must be there.</summary>
    internal static bool IsNamed(string? option, Func<string, string?> environment) => (option ?? NotEmpty(environment("HARDENING_COLLECTOR_CONFIG"))) is not null;

    /// <summary>Reads the file; a missing one means defaults, unless it was named.</summary>
    /// <exception cref="SettingsException">The file cannot be read or has mistakes.</exception>
    internal static CollectorSettings Read(string file, Func<string, string?> environment, bool isNamed = false)
    {
        var defaults = new CollectorSettings
        {
            File = file,
            Hook = NotEmpty(environment("HARDENING_CONFIG")) is { } hook ? Path.GetFullPath(hook) : "/etc/hardening/hook.json",
        };
        byte[] text;
        try
        {
            text = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return !isNamed ? defaults
                : throw new SettingsException([$"{file}: there is no such file, although --config or HARDENING_COLLECTOR_CONFIG names it. Name one that is there, or leave both out for the defaults."]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"{file}: cannot be read ({e.Message}). Make it readable for hardeningd, or remove it to use defaults."]);
        }

        return Parse(file, text, defaults);
    }

    internal static CollectorSettings Parse(string file, ReadOnlySpan<byte> text, CollectorSettings defaults)
    {
        List<string> mistakes = [];
        CollectorSettings settings = defaults;
        HashSet<string> seen = [];
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new SettingsException([$"{file}:1: expected a JSON object, found {reader.TokenType}."]);
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int line = LineOf(text, reader.TokenStartIndex);
                string name = reader.GetString()!;
                reader.Read();
                if (!seen.Add(name))
                {
                    mistakes.Add($"{file}:{line}: '{name}' stands there twice. Keep one of them.");
                    reader.Skip();
                }
                else if (reader.TokenType == JsonTokenType.String)
                {
                    settings = Apply(settings, name, reader.GetString()!, $"{file}:{line}", mistakes);
                }
                else
                {
                    mistakes.Add(IsKnown(name) ? $"{file}:{line}: '{name}' must be a string, found {reader.TokenType}." : Unknown($"{file}:{line}", name));
                    reader.Skip();
                }
            }

            reader.Read();
        }
        catch (JsonException e)
        {
            mistakes.Add($"{file}:{e.LineNumber + 1}: not valid JSON ({e.Message.Split(" LineNumber")[0]})");
        }
        catch (InvalidOperationException)
        {
            // What the reader throws for text that it has already taken as a token and cannot decode.
            mistakes.Add($"{file}:{LineOf(text, reader.TokenStartIndex)}: the text there is not UTF-8. Save the file as UTF-8.");
        }

        return mistakes.Count == 0 ? settings : throw new SettingsException(mistakes);
    }

    private static CollectorSettings Apply(CollectorSettings settings, string name, string value, string place, List<string> mistakes)
    {
        if (name == "interval")
        {
            if (Duration.TryParse(value, out TimeSpan interval) && interval >= TimeSpan.FromMilliseconds(100))
            {
                return settings with { Interval = interval };
            }

            mistakes.Add($"{place}: 'interval' is '{value}', expected {Duration.Expected}, and at least 100ms.");
            return settings;
        }

        if (!IsKnown(name))
        {
            mistakes.Add(Unknown(place, name));
            return settings;
        }

        if (!Path.IsPathFullyQualified(value) || value.Contains('\0', StringComparison.Ordinal))
        {
            mistakes.Add($"{place}: '{name}' is '{value.Replace('\0', '?')}', expected an absolute path{(value.Contains('\0', StringComparison.Ordinal) ? " without a NUL in it" : "")}.");
            return settings;
        }

        if (name is "containerd" or "socket" && Encoding.UTF8.GetByteCount(value) > LongestSocketPath)
        {
            mistakes.Add($"{place}: '{name}' is {Encoding.UTF8.GetByteCount(value)} bytes long, and the kernel takes paths of sockets up to {LongestSocketPath}.");
            return settings;
        }

        return name switch
        {
            "containerd" => settings with { Containerd = value },
            "cgroupRoot" => settings with { CgroupRoot = value },
            "hook" => settings with { Hook = value },
            "output" => settings with { Output = value },
            "state" => settings with { State = value },
            _ => settings with { Socket = value },
        };
    }

    private static bool IsKnown(string name) => Known.Split(", ").Contains(name);

    private static string Unknown(string place, string name) => $"{place}: there is no setting '{name}'. Known: {Known}.";

    private static int LineOf(ReadOnlySpan<byte> text, long index) => text[..(int)index].Count((byte)'\n') + 1;

    private static string? NotEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
