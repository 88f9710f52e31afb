using Runtime.Hardening.Profiles.Facts;

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
    /// <param name="current">The name of the generation in force, or null.</param>
    /// <param name="previous">The one that the hook falls back to, or null.</param>
    /// <param name="loadedPath">The file of <see cref="LoadedDigests"/>.</param>
    /// <exception cref="IOException">The kernel cannot be asked.</exception>
    public static IReadOnlyList<ProfileStatus> All(AppArmorHost host, IReadOnlyList<AppArmorSource> described, AppArmorNeeds needs, string? current, string? previous, string loadedPath)
    {
        SortedDictionary<string, KernelProfile> kernel = KernelProfile.All(host);
        LoadedDigests known = LoadedDigests.Read(loadedPath);
        ProfileUsers users = ProfileUsers.Find(host);
        Dictionary<string, string> files = described.ToDictionary(source => source.Profile.Name, source => source.Path, StringComparer.Ordinal);
        SortedSet<string> names = new([.. kernel.Keys, .. files.Keys, .. needs.Generations.Keys, .. needs.Containers?.Keys ?? []], StringComparer.Ordinal);
        string[] inForce = [.. needs.Generations.Where(pair => current is not null && pair.Value.Contains(current)).Select(pair => pair.Key)];
        return [.. names.Select(name =>
        {
            IReadOnlyList<string> generations = needs.Generations.GetValueOrDefault(name) ?? [];
            IReadOnlyList<string> containers = needs.Containers?.GetValueOrDefault(name) ?? [];
            bool hasText = files.ContainsKey(name) || generations.Any(generation => generation == current || generation == previous);
            string? mistake = AppArmorLoader.MistakeOf(name, kernel, known, mustBeNoted: hasText);
            // An older version that only an older generation names is loaded again by a rollback to that.
            string? problem = mistake is null ? null
                : hasText ? $"{mistake}; 'hardenctl apparmor load' mends it"
                : containers.Count > 0 || users.Of(name).Count > 0 ? $"{mistake}; no description and no policy in force has its text any more, so create its containers anew" : null;
            if (problem is null && files.ContainsKey(name) && !inForce.Contains(name)
                && inForce.FirstOrDefault(other => AppArmorName.DescriptionOf(other) == AppArmorName.DescriptionOf(name)) is { } older)
            {
                problem = $"the policies in force name {older}; 'hardenctl policy apply' puts this text in force";
            }

            KernelProfile? loaded = kernel.GetValueOrDefault(name);
            return new ProfileStatus(name, loaded?.Mode, loaded?.Digest, files.GetValueOrDefault(name), users.Of(name), containers, generations, problem);
        })];
    }
}
