using System.Globalization;
using System.Text;
using System.Text.Json;
using Runtime.Hardening.Authoring.Interop;
using Runtime.Hardening.Profiles.Settings;

namespace Runtime.Hardening.Authoring.Store;

/// <summary>The file that makes the hook pass everything through (ARCHITECTURE.md, "hook.json").</summary>
/// <param name="Until">When it ends, or null: when the file is removed.</param>
/// <param name="Reason">Why, or empty.</param>
public sealed record PauseFile(DateTimeOffset? Until, string Reason)
{
    /// <summary>The pause of the node whose settings are at the path, or null. A file that cannot be understood is a pause without an end, as it is for the hook.</summary>
    /// <param name="settingsPath">The path of hook.json.</param>
    /// <param name="ignored">Why the hook takes no notice of what is there, with what to do; null where it does, and where nothing is.</param>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    public static PauseFile? Read(string settingsPath, out string? ignored)
    {
        string path = PathFor(settingsPath);
        ignored = null;
        if (FileStatus.TryRead(path, followLink: false) is not { } status)
        {
            return null;
        }

        if (DoubtOf(path, status) is { } doubt)
        {
            ignored = doubt;
            return null;
        }

        byte[] bytes = RegularFile.ReadAllBytes(path);
        if (bytes.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
        {
            return new PauseFile(null, "");
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            string text = json.RootElement.TryGetProperty("until", out JsonElement value) ? value.GetString() ?? "" : "";
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset until) && text.Length > 0)
            {
                return new PauseFile(null, $"(the time '{text}' in the file is none)");
            }

            return new PauseFile(text.Length > 0 ? until : null, json.RootElement.TryGetProperty("reason", out JsonElement reason) ? reason.GetString() ?? "" : "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return new PauseFile(null, $"(the file is not what hardenctl writes: {e.Message})");
        }
    }

    // The hook's own rules (hook/Pause.cs, hook/Interop/Trust.cs).
    private static string? DoubtOf(string path, FileStatus status)
        => !status.IsRegularFile ? $"'{path}' is {status.Kind}, so the hook ignores it: it takes a regular file alone. Remove it, and pause with 'hardenctl node pause'."
            : status.Uid != 0 ? $"'{path}' is owned by uid {status.Uid}, so the hook ignores it. Run 'chown root {path}', or remove it."
            : status.IsWritableByOthers ? $"'{path}' is writable by others (mode 0{Convert.ToString((int)status.Permissions, 8)}), so the hook ignores it. Run 'chmod go-w {path}', or remove it."
            : null;

    /// <summary>Pauses.</summary>
    /// <exception cref="StoreException">Somebody other than root could write the folder.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string settingsPath)
    {
        string path = PathFor(settingsPath);
        string folder = Path.GetDirectoryName(path)!;
        if (FileTrust.ProblemOf(folder) is { } problem)
        {
            throw new StoreException(problem);
        }

        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            if (Until is { } until)
            {
                json.WriteString("until", until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            }

            json.WriteString("reason", Reason);
            json.WriteEndObject();
        }

        // Beside and renamed: the hook may read it at any moment.
        string beside = path + ".new";
        File.Delete(beside);   // whatever stands there: a FIFO would hold us up, a link lead us away
        File.WriteAllText(beside, Encoding.UTF8.GetString(bytes.ToArray()) + "\n");
        File.SetUnixFileMode(beside, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Libc.Rename(beside, path);
    }

    /// <summary>Ends the pause; false when there was none.</summary>
    /// <exception cref="IOException">The file cannot be removed.</exception>
    public static bool Remove(string settingsPath)
    {
        string path = PathFor(settingsPath);
        if (FileStatus.TryRead(path, followLink: false) is null or { IsDirectory: true })
        {
            return false;
        }

        File.Delete(path);
        return true;
    }

    private static string PathFor(string settingsPath)
        => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(settingsPath)) ?? "/", NodeSettings.PauseFile);
}
