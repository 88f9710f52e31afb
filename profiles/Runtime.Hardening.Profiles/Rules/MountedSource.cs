using System.Text.Json;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>A place of the host that a mount of a spec shows.</summary>
/// <param name="Place">Absolute and without '..', or relative where runtimes join it with the bundle's path.</param>
/// <param name="Described">The mount in words, for a refusal.</param>
internal readonly record struct MountedSource(string Place, string Described)
{
    // A file system of the kernel shows the same thing wherever it is mounted, and masks lie only where engines mount it: elsewhere it is as much the
    // host's folder as a bind mount of that folder. Those with a usual place are every container's own there.
    private static readonly (string Type, string Shows, bool IsUsualThere)[] s_kernelTypes =
    [
        ("proc", "/proc", true), ("sysfs", "/sys", true), ("cgroup", "/sys/fs/cgroup", true), ("cgroup2", "/sys/fs/cgroup", true),
        ("devtmpfs", "/dev", false), ("securityfs", "/sys/kernel/security", false), ("debugfs", "/sys/kernel/debug", false),
        ("tracefs", "/sys/kernel/tracing", false), ("configfs", "/sys/kernel/config", false), ("bpf", "/sys/fs/bpf", false),
        ("efivarfs", "/sys/firmware/efi/efivars", false), ("binfmt_misc", "/proc/sys/fs/binfmt_misc", false),
    ];

    /// <summary>Reads them all. <c>tmpfs</c>, <c>mqueue</c> and their like show nothing of the host.</summary>
    /// <exception cref="SpecFormatException">The mounts are not what the OCI specification says.</exception>
    public static List<MountedSource> ReadAll(ContainerSpec spec)
    {
        var sources = new List<MountedSource>();
        if (!spec.Has(SpecPath.Mounts))
        {
            return sources;
        }

        var reader = new Utf8JsonReader(spec.Raw(SpecPath.Mounts));
        try
        {
            JsonMembers.OpenArray(ref reader, SpecPath.Mounts.Text());
            while (JsonMembers.NextObject(ref reader, SpecPath.Mounts.Text()))
            {
                ReadOne(ref reader, sources);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)   // the last: a NUL in a path
        {
            throw new SpecFormatException($"{SpecPath.Mounts.Text()}: {e.Message}.");
        }

        return sources;
    }

    // Whichever of two spellings a runtime takes, each source is looked at, and each type together with each destination.
    private static void ReadOne(ref Utf8JsonReader reader, List<MountedSource> sources)
    {
        var types = new List<string>();
        var destinations = new List<string>();
        while (JsonMembers.Next(ref reader, out string name))
        {
            if (SpecKeys.Clashes(name, "source"))
            {
                AddSource(JsonMembers.Text(ref reader, name), sources);
            }
            else if (SpecKeys.Clashes(name, "options"))
            {
                Utf8JsonReader ahead = reader;
                if (ahead.Read() && ahead.TokenType == JsonTokenType.Null)
                {
                    JsonMembers.Skip(ref reader);   // runtimes take null for none
                    continue;
                }

                AddLayers(JsonMembers.Texts(ref reader, name), sources);
            }
            else if (SpecKeys.Clashes(name, "type"))
            {
                types.Add(JsonMembers.Text(ref reader, name));
            }
            else if (SpecKeys.Clashes(name, "destination"))
            {
                destinations.Add(Path.GetFullPath("/" + JsonMembers.Text(ref reader, name)).TrimEnd('/'));
            }
            else
            {
                JsonMembers.Skip(ref reader);
            }
        }

        foreach ((string type, string shows, bool isUsualThere) in s_kernelTypes)
        {
            if (types.Contains(type) && !(isUsualThere && destinations.Count > 0 && destinations.TrueForAll(destination => destination == shows)))
            {
                sources.Add(new MountedSource(shows, $"'{shows}' of the host (a mount of type {type} at '{string.Join("' and '", destinations)}')"));
            }
        }
    }

    // An overlay shows the folders of its options, not of its source: Podman's `-v /etc:/x:O` is one with lowerdir=/etc.
    private static void AddLayers(string[] options, List<MountedSource> sources)
    {
        foreach (string option in options)
        {
            int equals = option.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && option[..equals].TrimEnd('+') is "lowerdir" or "datadir" or "upperdir" or "workdir")
            {
                // The kernel drops backslashes (they protect a colon), so /e\tc is /etc.
                foreach (string layer in option[(equals + 1)..].Replace("\\", "", StringComparison.Ordinal).Split(':', StringSplitOptions.RemoveEmptyEntries))
                {
                    AddSource(layer, sources);
                }
            }
        }
    }

    private static void AddSource(string source, List<MountedSource> sources)
    {
        if (source.StartsWith('/'))
        {
            string path = Path.GetFullPath(source) is var full && full.Length > 1 ? full.TrimEnd('/') : "/";
            sources.Add(new MountedSource(path, $"'{path}' of the host"));
        }
        else if (source.Contains("../", StringComparison.Ordinal))
        {
            sources.Add(new MountedSource(source, $"'{source}'"));
        }
    }
}
