using System.Buffers;
using System.Text.Json;

namespace Runtime.Hardening.Cli.Engines;

/// <summary>
/// What an engine's file was before us and what we made of it: kept so that restore gives back every byte, and notices when
/// somebody changed the file in between. Stored before the file is replaced, so there is no moment without a way back.
/// </summary>
/// <param name="Target">The file that was edited.</param>
/// <param name="Config">The main configuration file, from which the engine is started.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Runtime">The real runtime that the copied entry names.</param>
/// <param name="PreviousDefault">default_runtime_name in the file before us; null if it had none.</param>
/// <param name="Created">When the file was written.</param>
/// <param name="Original">The bytes before us; null if there was no such file.</param>
/// <param name="Written">The bytes that we wrote.</param>
internal sealed record EngineBackup(
    string Target, string Config, ContainerdRequest Request, string Runtime, string? PreviousDefault, DateTimeOffset Created, byte[]? Original, byte[] Written)
{
    private const int Format = 1;

    /// <summary>The backup in this folder, or null if there is none.</summary>
    /// <exception cref="EngineException">It is there but damaged.</exception>
    public static EngineBackup? Load(string folder)
    {
        string index = Path.Combine(folder, "state.json");
        if (ConfigFile.ReadBytes(index) is not { } json)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.GetProperty("v").GetInt32() != Format)
            {
                throw EngineException.Failed($"'{index}' has format {root.GetProperty("v")}, and this program knows {Format}. Use the hardenctl that wrote it.");
            }

            return new EngineBackup(
                root.GetProperty("target").GetString()!,
                root.GetProperty("config").GetString()!,
                new ContainerdRequest(
                    root.GetProperty("handler").GetString()!, root.GetProperty("hook").GetString()!, root.GetProperty("from").GetString()!, root.GetProperty("default").GetBoolean()),
                root.GetProperty("runtime").GetString()!,
                root.GetProperty("previousDefault").GetString(),
                root.GetProperty("created").GetDateTimeOffset(),
                root.GetProperty("originalSha256").GetString() is { } original ? Verified(folder, "original", original) : null,
                Verified(folder, "written", root.GetProperty("writtenSha256").GetString()!));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw EngineException.Failed($"'{index}' cannot be read ({e.Message}). It was written by hardenctl engine configure and damaged since; the engine's original file is '{Path.Combine(folder, "original")}'.");
        }
    }

    public void Save(string folder)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("v", Format);
            json.WriteString("target", Target);
            json.WriteString("config", Config);
            json.WriteString("handler", Request.Handler);
            json.WriteString("hook", Request.Hook);
            json.WriteString("from", Request.From);
            json.WriteBoolean("default", Request.Default);
            json.WriteString("runtime", Runtime);
            json.WriteString("previousDefault", PreviousDefault);
            json.WriteString("created", Created);
            json.WriteString("originalSha256", Original is null ? null : ConfigFile.Digest(Original));
            json.WriteString("writtenSha256", ConfigFile.Digest(Written));
            json.WriteEndObject();
        }

        if (Original is not null)
        {
            AtomicReplace.Write(Path.Combine(folder, "original"), Original);
        }

        AtomicReplace.Write(Path.Combine(folder, "written"), Written);
        AtomicReplace.Write(Path.Combine(folder, "state.json"), buffer.WrittenSpan);
        // The engine's file may hold registry credentials, and so do its copies.
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Verified(string folder, string name, string digest)
    {
        string path = Path.Combine(folder, name);
        byte[]? bytes = ConfigFile.ReadBytes(path);
        if (bytes is null || ConfigFile.Digest(bytes) != digest)
        {
            string found = bytes is null ? "is gone" : $"has SHA-256 {ConfigFile.Digest(bytes)}";
            throw EngineException.Failed($"'{path}' {found}, expected {digest}. Without it nothing can be put back byte for byte: "
                + "take the entry out of the engine's file by hand, or bring the file back from a backup of the node.");
        }

        return bytes;
    }
}
