namespace Runtime.Hardening.Authoring.Documents;

/// <summary>Where bases and profiles are looked up: folders that hold <c>policies</c>, <c>seccomp</c> and <c>apparmor</c>, the first one wins.</summary>
/// <param name="Folders">In the order of precedence. A folder that does not exist is as good as an empty one.</param>
public sealed record ProfileFolders(IReadOnlyList<string> Folders)
{
    /// <summary>The path of <c>policies/NAME.yaml</c>, or null.</summary>
    public string? FindBase(string name) => Find("policies", name + ".yaml");

    /// <summary>The path of <c>seccomp/NAME.json</c>, or null.</summary>
    public string? FindSeccomp(string name) => Find("seccomp", name + ".json");

    /// <summary>The path of <c>apparmor/NAME</c>, profile text that somebody else loads, or null.</summary>
    public string? FindAppArmor(string name) => Find("apparmor", name);

    /// <summary>The path of <c>apparmor/NAME.yaml</c>, the description of a profile that we load, or null.</summary>
    public string? FindAppArmorDescription(string name) => Find("apparmor", name + ".yaml");

    /// <summary>Every description that a policy can name, in the order of their names.</summary>
    public IReadOnlyList<string> AppArmorDescriptions()
        => [.. Folders.Select(f => Path.Combine(f, "apparmor")).Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.yaml"))
            .DistinctBy(Path.GetFileName).OrderBy(Path.GetFileName, StringComparer.Ordinal)];

    /// <summary>The names that a person could have meant, without file endings.</summary>
    /// <param name="kind">policies, seccomp or apparmor.</param>
    public IReadOnlyList<string> NamesOf(string kind)
        => [.. Folders.Select(f => Path.Combine(f, kind)).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles)
            .Select(f => kind == "apparmor" && Path.GetExtension(f) != ".yaml" ? Path.GetFileName(f) : Path.GetFileNameWithoutExtension(f)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>For messages: the folders, or a word that there are none.</summary>
    public override string ToString() => Folders.Count == 0 ? "no folder of profiles" : string.Join(", ", Folders);

    private string? Find(string kind, string file)
        => Folders.Select(f => Path.Combine(f, kind, file)).FirstOrDefault(File.Exists);
}
