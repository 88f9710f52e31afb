using System.Text.Json;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Authoring.AppArmor.Kernel;

/// <summary>Which versions this node needs: those that a generation names, and those that containers were created under.</summary>
public sealed class AppArmorNeeds
{
    private AppArmorNeeds(IReadOnlyDictionary<string, IReadOnlyList<string>> generations, IReadOnlyDictionary<string, IReadOnlyList<string>>? containers, IReadOnlyList<string> unreadable)
    {
        Generations = generations;
        Containers = containers;
        Unreadable = unreadable;
    }

    /// <summary>By profile: the generations that name it, the oldest first.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Generations { get; }

    /// <summary>By profile: the ids of the containers whose records name it; null when some record cannot be read.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Containers { get; }

    /// <summary>What is wrong with the generations that could not be read, a sentence each.</summary>
    public IReadOnlyList<string> Unreadable { get; }

    /// <summary>Every profile that must stay; null when that cannot be told.</summary>
    public HashSet<string>? Names => Containers is null || Unreadable.Count > 0 ? null : [.. Generations.Keys, .. Containers.Keys];

    /// <summary>Reads the store and the records.</summary>
    public static AppArmorNeeds Find(PolicyStore store, string stateDirectory)
    {
        SortedDictionary<string, List<string>> generations = new(StringComparer.Ordinal);
        List<string> unreadable = [];
        foreach (GenerationFolder generation in store.Generations())
        {
            try
            {
                foreach (string name in generation.Read().Policies.Select(policy => policy.AppArmor?.Profile).OfType<string>().Where(AppArmorName.IsVersion).Distinct())
                {
                    Add(generations, name, generation.Name);
                }
            }
            catch (HardeningFormatException e)
            {
                unreadable.Add(e.Message);
            }
        }

        return new AppArmorNeeds(Frozen(generations), Records(stateDirectory) is { } containers ? Frozen(containers) : null, unreadable);
    }

    private static SortedDictionary<string, List<string>>? Records(string stateDirectory)
    {
        SortedDictionary<string, List<string>> containers = new(StringComparer.Ordinal);
        if (!Directory.Exists(stateDirectory))
        {
            return containers;
        }

        try
        {
            foreach (string file in Directory.EnumerateFiles(stateDirectory, "*.json"))
            {
                if (ReadRecord(file) is { } record)
                {
                    foreach (string name in record.Label.Split("//&").Where(AppArmorName.IsVersion))
                    {
                        Add(containers, name, record.Id);
                    }
                }
            }

            return containers;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static (string Id, string Label)? ReadRecord(string file)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement record = json.RootElement;
            return record.TryGetProperty("ceiling", out JsonElement ceiling) && ceiling.TryGetProperty("apparmorProfile", out JsonElement label)
                ? (record.TryGetProperty("id", out JsonElement id) ? id.GetString() ?? "" : "", label.GetString() ?? "") : null;
        }
        catch (FileNotFoundException)
        {
            return null;   // the container ended while we looked
        }
    }

    private static void Add(SortedDictionary<string, List<string>> lists, string name, string what)
    {
        if (!lists.TryGetValue(name, out List<string>? list))
        {
            lists[name] = list = [];
        }

        list.Add(what);
    }

    private static SortedDictionary<string, IReadOnlyList<string>> Frozen(SortedDictionary<string, List<string>> lists)
        => new(lists.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)pair.Value, StringComparer.Ordinal), StringComparer.Ordinal);
}
