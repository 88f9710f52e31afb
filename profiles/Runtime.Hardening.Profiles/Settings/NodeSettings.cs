using System.Text.Json;

namespace Runtime.Hardening.Profiles.Settings;

/// <summary>hook.json: where everything is on this node. All three programs read it, so that a whole second installation can live in one folder.</summary>
public sealed record NodeSettings
{
    /// <summary>Where the settings are unless <see cref="Variable"/> names another file.</summary>
    public const string DefaultPath = "/etc/hardening/hook.json";

    /// <summary>The environment variable that names another settings file.</summary>
    public const string Variable = "HARDENING_CONFIG";

    /// <summary>The name of the pause file, in the folder of hook.json.</summary>
    public const string PauseFile = "paused";

    /// <summary>Absolute path of the real runtime; the hook becomes it.</summary>
    public string Runtime { get; init; } = "/usr/bin/runc";

    /// <summary>Real runtimes for engines that use another one, by engine name: containerd or docker, which <c>--root</c> tells with every verb.</summary>
    public KeyValuePair<string, string>[] Runtimes { get; init; } = [];

    /// <summary>Folder with <c>current</c> and <c>generations/</c>.</summary>
    public string PolicyStore { get; init; } = "/var/lib/hardening/policy";

    /// <summary>Folder of the containers' records.</summary>
    public string StateDirectory { get; init; } = "/run/hardening/containers";

    /// <summary>Folder of the journal.</summary>
    public string Journal { get; init; } = "/var/lib/hardening/journal";

    /// <summary>What happens when no generation is usable.</summary>
    public WhenBroken WhenBroken { get; init; } = WhenBroken.Builtin;

    /// <summary>The real runtime for an engine.</summary>
    public string RuntimeFor(string engine)
    {
        foreach ((string name, string path) in Runtimes)
        {
            if (name == engine)
            {
                return path;
            }
        }

        return Runtime;
    }

    /// <summary>Reads hook.json.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="HardeningFormatException">It is not JSON, a value is of the wrong kind, a path is relative, or a member is not known.</exception>
    public static NodeSettings Parse(ReadOnlySpan<byte> utf8, string path)
    {
        var reader = new Utf8JsonReader(utf8);
        try
        {
            var settings = new NodeSettings();
            JsonMembers.Open(ref reader, "settings");
            var seen = new List<string>();
            while (JsonMembers.Next(ref reader, out string name))
            {
                if (seen.Contains(name))
                {
                    throw new JsonException($"'{name}' stands there twice; keep one of them");
                }

                seen.Add(name);
                settings = name switch
                {
                    "runtime" => settings with { Runtime = AbsolutePath(ref reader, name) },
                    "runtimes" => settings with { Runtimes = ReadRuntimes(ref reader) },
                    "policyStore" => settings with { PolicyStore = AbsolutePath(ref reader, name) },
                    "stateDirectory" => settings with { StateDirectory = AbsolutePath(ref reader, name) },
                    "journal" => settings with { Journal = AbsolutePath(ref reader, name) },
                    "whenBroken" => settings with
                    {
                        WhenBroken = JsonMembers.OneOf(
                            ref reader, name, ("builtin", WhenBroken.Builtin), ("refuse", WhenBroken.Refuse), ("passThrough", WhenBroken.PassThrough)),
                    },
                    _ => throw new JsonException(
                        $"'{name}' is no setting; known are runtime, runtimes, policyStore, stateDirectory, journal, whenBroken"),
                };
            }

            reader.Read();   // throws when something follows: a wish in it would silently not be granted
            return settings;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The framework's reader names the line of the byte it stumbled on, from zero; our own checks stumble on the token just read.
            int consumed = (int)Math.Min(reader.BytesConsumed, utf8.Length);
            long line = (e as JsonException)?.LineNumber ?? utf8[..consumed].Count((byte)'\n');
            int end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            throw new HardeningFormatException($"{path}:{line + 1}: {(end < 0 ? e.Message : e.Message[..end]).TrimEnd('.')}.", e);
        }
    }

    private static string AbsolutePath(ref Utf8JsonReader reader, string name)
    {
        string path = JsonMembers.Text(ref reader, name);
        return path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal)
            ? path
            : throw new JsonException($"'{name}' must be an absolute path without NUL, but is '{path.Replace('\0', '?')}'");
    }

    private static KeyValuePair<string, string>[] ReadRuntimes(ref Utf8JsonReader reader)
    {
        JsonMembers.Open(ref reader, "runtimes");
        var runtimes = new List<KeyValuePair<string, string>>();
        while (JsonMembers.Next(ref reader, out string engine))
        {
            // Podman and CRI-O sign their specs, but start, exec and delete come without one: a container would be created by one runtime and sought in another.
            if (engine is not ("containerd" or "docker"))
            {
                throw new JsonException($"'{engine}' cannot have a runtime of its own, because not every call of it can be told by its --root; "
                    + "known are containerd and docker, and HARDENING_CONFIG can name a hook.json for another engine");
            }

            runtimes.Add(new(engine, AbsolutePath(ref reader, engine)));
        }

        return [.. runtimes];
    }
}

/// <summary>What the hook does when no generation is usable, or none was ever applied.</summary>
public enum WhenBroken
{
    /// <summary>Applies the policy that is compiled into it, which never refuses, so that a node can boot and be repaired.</summary>
    Builtin,

    /// <summary>Refuses every container.</summary>
    Refuse,

    /// <summary>Starts every container as the engine described it.</summary>
    PassThrough,
}
