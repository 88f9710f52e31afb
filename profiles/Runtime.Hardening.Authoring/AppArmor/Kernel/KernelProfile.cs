using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Authoring.AppArmor.Kernel;

/// <summary>A profile of ours that the kernel has.</summary>
/// <param name="Name">With the version.</param>
/// <param name="Mode">enforce, complain, kill, unconfined.</param>
/// <param name="Digest">The kernel's own digest of what was loaded, or null where it keeps none.</param>
public sealed record KernelProfile(string Name, string Mode, string? Digest)
{
    private static readonly string[] s_digests = ["sha256", "sha1"];

    /// <summary>Whether it denies anything.</summary>
    public bool IsEnforcing => HostFacts.IsEnforcing(Mode);

    /// <summary>The profiles whose names are ours, by name. What others have loaded is nobody's business here.</summary>
    /// <exception cref="IOException">The kernel's list cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read: only root may.</exception>
    public static SortedDictionary<string, KernelProfile> All(AppArmorHost host)
    {
        SortedDictionary<string, KernelProfile> profiles = new(StringComparer.Ordinal);
        Dictionary<string, string> digests = Digests(host);
        string list = Path.Combine(host.Folder, "profiles");
        if (!File.Exists(list))
        {
            throw new IOException($"'{list}' is not there, so it cannot be told what the kernel has loaded. Mount securityfs: mount -t securityfs securityfs /sys/kernel/security");
        }

        foreach (string line in File.ReadLines(list))
        {
            int mode = line.LastIndexOf(" (", StringComparison.Ordinal);
            if (mode > 0 && line.EndsWith(')') && AppArmorName.IsVersion(line[..mode]))
            {
                string name = line[..mode];
                profiles[name] = new KernelProfile(name, line[(mode + 2)..^1], digests.GetValueOrDefault(name));
            }
        }

        return profiles;
    }

    /// <summary>Takes a profile out of the kernel. A process under it would be unconfined from then on, so nobody may be.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void Remove(AppArmorHost host, string name) => File.WriteAllText(Path.Combine(host.Folder, ".remove"), name);

    // policy/profiles/NAME.NUMBER/ has the digest of each profile in files of the kernel's own.
    private static Dictionary<string, string> Digests(AppArmorHost host)
    {
        Dictionary<string, string> digests = new(StringComparer.Ordinal);
        string folder = Path.Combine(host.Folder, "policy/profiles");
        if (!Directory.Exists(folder))
        {
            return digests;
        }

        foreach (string profile in Directory.EnumerateDirectories(folder, AppArmorName.Prefix + "*"))
        {
            if (s_digests.Select(name => Path.Combine(profile, name)).FirstOrDefault(File.Exists) is not { } file)
            {
                continue;
            }

            try
            {
                digests[File.ReadAllText(Path.Combine(profile, "name")).Trim()] = File.ReadAllText(file).Trim();
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // It was replaced or removed while we looked; then nothing is known of it.
            }
        }

        return digests;
    }
}
