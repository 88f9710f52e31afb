using System.Text.Json;

namespace Runtime.Hardening.Authoring.Store;

/// <summary>Which generations containers on this node were created under.</summary>
internal static class LiveRecords
{
    /// <summary>The names, or null when some record cannot be read: then nothing is known about what is still needed.</summary>
    public static HashSet<string>? Generations(string stateDirectory)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        if (!Directory.Exists(stateDirectory))
        {
            return names;
        }

        try
        {
            foreach (string file in Directory.EnumerateFiles(stateDirectory, "*.json"))
            {
                using JsonDocument record = JsonDocument.Parse(RegularFile.ReadAllBytes(file));
                if (record.RootElement.ValueKind == JsonValueKind.Object && record.RootElement.TryGetProperty("generation", out JsonElement generation)
                    && generation.GetString() is { } name)
                {
                    names.Add(name);
                }
            }
        }
        catch (FileNotFoundException)
        {
            return null;   // a container ended while we looked; the next apply looks again
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }

        return names;
    }
}
