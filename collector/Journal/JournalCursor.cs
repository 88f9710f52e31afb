using System.Text.Json;

namespace Runtime.Hardening.Collector.Journal;

/// <summary>How far the journal was delivered: one small file, replaced as a whole.</summary>
internal sealed class JournalCursor(string folder)
{
    private string FilePath => Path.Combine(folder, "journal-cursor.json");

    /// <summary>The next sequence number of each stream, and how many unwritten lines were told; empty when there is no usable cursor.</summary>
    internal Dictionary<string, long> Load()
    {
        Dictionary<string, long> next = [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(FilePath));
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                next[property.Name] = property.Value.GetInt64();
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            next.Clear(); // first start
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            next.Clear(); // damaged: everything is sent again rather than something not at all
        }

        return next;
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    internal void Save(IEnumerable<KeyValuePair<string, long>> next)
    {
        Directory.CreateDirectory(folder);
        string temporary = FilePath + ".new";
        using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write))
        {
            using (Utf8JsonWriter writer = new(stream))
            {
                writer.WriteStartObject();
                foreach ((string name, long value) in next)
                {
                    writer.WriteNumber(name, value);
                }

                writer.WriteEndObject();
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, FilePath, overwrite: true);
    }
}
