namespace Runtime.Hardening.Authoring.AppArmor.Kernel;

/// <summary>One version of a profile: what the kernel has of it and who needs it.</summary>
/// <param name="Name">With the version.</param>
/// <param name="Mode">The kernel's word, or null where it is not loaded.</param>
/// <param name="Digest">The kernel's own digest, or null.</param>
/// <param name="DescribedIn">The file whose text this version is now, or null for an older one.</param>
/// <param name="Processes">Who is under it.</param>
/// <param name="Containers">Whose records name it.</param>
/// <param name="Generations">Which generations name it.</param>
/// <param name="Problem">What a person should look at, or null.</param>
public sealed record ProfileStatus(
    string Name, string? Mode, string? Digest, string? DescribedIn, IReadOnlyCollection<int> Processes, IReadOnlyList<string> Containers, IReadOnlyList<string> Generations, string? Problem)
{
    /// <summary>Every version that the kernel has, a file describes, or a generation or a container needs; by name.</summary>
    /// <param name="host">The kernel; one with AppArmor.</param>
    /// <param name="described">What the node's files describe.</param>
    /// <param name="needs">Who needs what.</param>
    /// <param name="inForce">The names of the generations that the hook reads: the current one and the one before.</param>
    /// <param name="loadedPath">The file of <see cref="LoadedDigests"/>.</param>
    /// <exception cref="IOException">The kernel cannot be asked.</exception>
    public static IReadOnlyList<ProfileStatus> All(AppArmorHost host, IReadOnlyList<AppArmorSource> described, AppArmorNeeds needs, IReadOnlySet<string> inForce, string loadedPath)
    {
        SortedDictionary<string, KernelProfile> kernel = KernelProfile.All(host);
        LoadedDigests known = LoadedDigests.Read(loadedPath);
        ProfileUsers users = ProfileUsers.Find(host);
        Dictionary<string, string> files = described.ToDictionary(source => source.Profile.Name, source => source.Path, StringComparer.Ordinal);
        SortedSet<string> names = new([.. kernel.Keys, .. files.Keys, .. needs.Generations.Keys, .. needs.Containers?.Keys ?? []], StringComparer.Ordinal);
        return [.. names.Select(name =>
        {
            IReadOnlyList<string> generations = needs.Generations.GetValueOrDefault(name) ?? [];
            IReadOnlyList<string> containers = needs.Containers?.GetValueOrDefault(name) ?? [];
            string? mistake = AppArmorLoader.MistakeOf(name, kernel, known);
            bool isNeeded = files.ContainsKey(name) || containers.Count > 0 || generations.Any(inForce.Contains);
            // An older version that only an older generation names is loaded again by a rollback to that.
            string? problem = mistake is null || (!isNeeded && !kernel.ContainsKey(name)) ? null : $"{mistake}; 'hardenctl apparmor load' mends it";
            KernelProfile? loaded = kernel.GetValueOrDefault(name);
            return new ProfileStatus(name, loaded?.Mode, loaded?.Digest, files.GetValueOrDefault(name), users.Of(name), containers, generations, problem);
        })];
    }
}
