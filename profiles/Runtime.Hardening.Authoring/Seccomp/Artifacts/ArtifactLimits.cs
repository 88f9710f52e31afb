using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Artifacts;

/// <summary>What container runtimes refuse in an artifact although it is a good profile (Kubernetes' KEP 6061), and what names in a layout look like.</summary>
public static class ArtifactLimits
{
    private const int LargestProfile = 1024 * 1024, MostEntries = 128;

    /// <summary>Whether the text can be a tag.</summary>
    public static bool IsTag(string text) => ArtifactWords.IsTag(text);

    /// <summary>Whether the text is a SHA-256 digest.</summary>
    public static bool IsDigest(string text) => ArtifactWords.BlobOf(text) is not null;

    /// <summary>Sentences for people.</summary>
    public static IEnumerable<string> Check(ProfileDocument profile, int size)
    {
        ArgumentNullException.ThrowIfNull(profile);
        if (size > LargestProfile)
        {
            yield return $"it has {size} bytes, and runtimes that pull profiles take {LargestProfile} by default.";
        }

        if (profile.Rules.SelectMany(static r => r.Names).GroupBy(static n => n.Name).FirstOrDefault(static g => g.Count() > MostEntries) is { } many)
        {
            yield return $"'{many.Key}' has {many.Count()} entries, and runtimes that pull profiles take {MostEntries} for a call by default.";
        }

        if (profile.Rules.Any(static r => r.Result.Action == SeccompAction.Notify) || profile.Json.ContainsKey("listenerPath"))
        {
            yield return "it needs a listener, and runtimes that pull profiles refuse that.";
        }
    }
}
