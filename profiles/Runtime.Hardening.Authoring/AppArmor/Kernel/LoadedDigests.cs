using System.Text;
using System.Text.Json;
using Runtime.Hardening.Authoring.Interop;

namespace Runtime.Hardening.Authoring.AppArmor.Kernel;

/// <summary>
/// What the kernel's own digests were when we loaded our profiles. If one differs later, somebody has replaced that profile by another text of the same name,
/// and one that does not stand here was loaded by somebody else, or by us without getting to the end.
/// The file lives as long as the kernel's copies do: until the next boot.
/// </summary>
public sealed class LoadedDigests
{
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly string _path;
    private readonly SortedDictionary<string, string> _digests;

    private LoadedDigests(string path, SortedDictionary<string, string> digests)
    {
        _path = path;
        _digests = digests;
    }

    /// <summary>One file for the host, whatever installation loads: they all load into the same kernel.</summary>
    public const string HostPath = "/run/hardening/apparmor-loaded.json";

    /// <summary>Reads the file. Where it is missing or damaged nothing is known, and what is loaded is loaded once more.</summary>
    public static LoadedDigests Read(string path)
    {
        SortedDictionary<string, string> digests = new(StringComparer.Ordinal);
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (JsonProperty profile in json.RootElement.EnumerateObject())
            {
                digests[profile.Name] = profile.Value.GetString() ?? "";
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            digests.Clear();
        }

        return new LoadedDigests(path, digests);
    }

    /// <summary>The digest at loading, or null where we did not load it since the boot.</summary>
    public string? Of(string profile) => _digests.GetValueOrDefault(profile);

    /// <summary>Keeps what the kernel has now of the profiles that we loaded, and forgets those that are gone.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(IEnumerable<string> loaded, SortedDictionary<string, KernelProfile> kernel)
    {
        foreach (string name in loaded)
        {
            _digests[name] = kernel.GetValueOrDefault(name)?.Digest ?? "";
        }

        foreach (string gone in _digests.Keys.Where(name => !kernel.ContainsKey(name)).ToArray())
        {
            _digests.Remove(gone);
        }

        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            foreach ((string name, string digest) in _digests)
            {
                json.WriteString(name, digest);
            }

            json.WriteEndObject();
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        string beside = $"{_path}.{Path.GetRandomFileName()}";
        File.WriteAllText(beside, Encoding.UTF8.GetString(bytes.ToArray()) + "\n");
        File.SetUnixFileMode(beside, ReadableByAll);
        Libc.Rename(beside, _path);
    }
}
