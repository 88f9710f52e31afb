using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Checks;
using Runtime.Hardening.Authoring.Yaml;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>A seccomp profile as a generation holds it: the value of linux.seccomp, checked and in one line.</summary>
/// <param name="Name">What policies call it.</param>
/// <param name="Path">Where it was read.</param>
/// <param name="Json">Its bytes, UTF-8; for a profile that depends on capabilities, what it is for a container without any of them.</param>
public sealed record SeccompSource(string Name, string Path, ReadOnlyMemory<byte> Json)
{
    /// <summary>Its rules with the capabilities that each is for, which the hook settles; null when it does not depend on any.</summary>
    public SeccompByCapabilitySource? ByCapability { get; init; }

    internal ProfileDocument? Document { get; init; }

    /// <summary>Guards the file against rot; the hook compares it.</summary>
    public uint Checksum { get; } = PolicyIndex.Checksum(Json.Span);

    /// <summary>Relative to the generation's folder.</summary>
    public string FileName => $"seccomp/{Name}-{PolicyIndex.ChecksumText(Checksum)}.json";

    /// <summary>Reads and checks a profile in OCI form, or in Docker's.</summary>
    /// <param name="name">What policies call it.</param>
    /// <param name="path">The file.</param>
    /// <param name="report">Receives every finding.</param>
    /// <returns>Null when it cannot be read as JSON at all. It is usable only when the report has no errors.</returns>
    public static SeccompSource? Load(string name, string path, LintReport report)
        => TextSource.ReadBytes(path, TextSource.LargestFile, "No policy needs a profile of that size.", report) is { } bytes ? Parse(name, path, bytes, report) : null;

    internal static SeccompSource? Parse(string name, string path, ReadOnlySpan<byte> utf8, LintReport report)
    {
        if (JsonTree.Read(path, utf8, report) is not { } json)
        {
            return null;
        }

        if (json is JObject profile && ProfileForm.IsDocker(profile))
        {
            return ScopedProfile.Compile(name, path, profile, report);
        }

        if (ProfileDocument.Of(path, json, ProfileDialect.Oci, report) is not { } document)
        {
            return null;
        }

        SeccompChecks.Run(document, SeccompUse.Policy, report);
        return new SeccompSource(name, path, document.ToBytes()) { Document = document };
    }

    internal static IReadOnlyDictionary<string, SeccompSource> LoadAll(IEnumerable<ResolvedPolicy> policies, ProfileFolders folders, LintReport report)
    {
        SortedDictionary<string, SeccompSource> profiles = new(StringComparer.Ordinal);
        HashSet<string> broken = new(StringComparer.Ordinal);
        foreach (ResolvedPolicy policy in policies)
        {
            if (policy.Value<string>(PolicyFields.SeccompProfile) is not { } name || profiles.ContainsKey(name) || broken.Contains(name))
            {
                continue;
            }

            if (folders.FindSeccomp(name) is not { } path)
            {
                report.Error("missing-profile", policy.PlaceOf(PolicyFields.SeccompProfile),
                    $"There is no seccomp profile '{name}' (seccomp/{name}.json) in {folders}. Put it there, or name one that exists.{DidYouMean.Sentence(name, folders.NamesOf("seccomp"))}");
            }
            else if (Load(name, path, report) is { } profile)
            {
                profiles.Add(name, profile);
            }
            else
            {
                broken.Add(name);
            }
        }

        CacheTrap.Run(profiles.Values.Select(static p => p.Document).OfType<ProfileDocument>(), report);
        return profiles;
    }
}
