using System.Text.Json;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>A place of the host that a mount of a spec shows.</summary>
/// <param name="Place">Absolute and without '..', or relative where it leads out of the bundle or nobody knows where that is.</param>
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
    /// <param name="spec">config.json.</param>
    /// <param name="bundle">The bundle's folder, with which runtimes join a relative source; empty where it is not known.</param>
    public static List<MountedSource> ReadAll(ContainerSpec spec, string bundle)
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
                ReadOne(ref reader, bundle, sources);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)   // the last: a NUL in a path
        {
            throw new SpecFormatException($"{SpecPath.Mounts.Text()}: {e.Message}.");
        }

        return sources;
    }

    // Whichever of two spellings a runtime takes, each source is looked at, and each type together with each destination.
    private static void ReadOne(ref Utf8JsonReader reader, string bundle, List<MountedSource> sources)
    {
        var types = new List<string>();
        var given = new List<string>();
        bool isBind = false;
        var destinations = new List<string>();
        while (JsonMembers.Next(ref reader, out string name))
        {
            if (SpecKeys.Clashes(name, "source"))
            {
                given.Add(JsonMembers.Text(ref reader, name));
            }
            else if (SpecKeys.Clashes(name, "options"))
            {
                Utf8JsonReader ahead = reader;
                if (ahead.Read() && ahead.TokenType == JsonTokenType.Null)
                {
                    JsonMembers.Skip(ref reader);   // runtimes take null for none
                    continue;
                }

                string[] options = JsonMembers.Texts(ref reader, name);
                isBind |= Array.Exists(options, static option => option is "bind" or "rbind");
                AddLayers(options, bundle, sources);
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

        foreach (string source in given)
        {
            // Of another file system the source is a mere word.
            AddSource(source, bundle, isBind || types.Contains("bind"), sources);
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
    private static void AddLayers(string[] options, string bundle, List<MountedSource> sources)
    {
        foreach (string option in options)
        {
            int equals = option.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && option[..equals].TrimEnd('+') is "lowerdir" or "datadir" or "upperdir" or "workdir")
            {
                // The kernel drops backslashes (they protect a colon), so /e\tc is /etc.
                foreach (string layer in option[(equals + 1)..].Replace("\\", "", StringComparison.Ordinal).Split(':', StringSplitOptions.RemoveEmptyEntries))
                {
                    AddSource(layer, bundle, isPath: true, sources);
                }
            }
        }
    }

    private static void AddSource(string source, string bundle, bool isPath, List<MountedSource> sources)
    {
        if (source.StartsWith('/'))
        {
            string path = Path.GetFullPath(source) is var full && full.Length > 1 ? full.TrimEnd('/') : "/";
            sources.Add(new MountedSource(path, $"'{path}' of the host"));
            if (Array.IndexOf(source.Split('/'), "..") >= 0)
            {
                // Behind a link '..' is the parent of what the link leads to, and the kernel goes there.
                string real = HostFacts.RealPath(source);
                sources.Add(new MountedSource(real, $"'{real}' of the host ('{source}')"));
            }
        }
        else if (source.Split('/') is var parts && (Array.IndexOf(parts, "..") >= 0 || (isPath && bundle.Length == 0 && Array.TrueForAll(parts, static part => part is "" or "."))))
        {
            // Behind a link '..' is the parent of what the link leads to; and the bundle itself has the spec in it.
            sources.Add(new MountedSource(source, $"'{source}'"));
        }
        else if (isPath && bundle.Length > 0)
        {
            // What stands in the bundle may be an image's link to anywhere: its real place is looked at as well.
            string path = HostFacts.RealFolder(bundle) + Path.GetFullPath($"/{source}").TrimEnd('/');
            sources.Add(new MountedSource(path, $"'{path}' of the host ('{source}' of its bundle)"));
        }
    }
}
