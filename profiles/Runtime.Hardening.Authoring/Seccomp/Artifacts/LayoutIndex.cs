using System.Text;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Interop;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Checks;

namespace Runtime.Hardening.Authoring.Seccomp.Artifacts;

/// <summary>The table of contents of a layout: what is there, by digest and by tag. Entries of others are kept as they are.</summary>
internal sealed class LayoutIndex
{
    private const int LargestIndex = 4 * 1024 * 1024;

    private readonly JObject _json;

    private LayoutIndex(JObject json) => _json = json;

    /// <summary>Reads it. Null after a finding, and also when there is none and it is not made.</summary>
    public static LayoutIndex? Read(OpenFolder layout, bool make, LintReport report)
    {
        string file = Path.Combine(layout.Path, ArtifactWords.IndexFile);
        byte[]? marker = layout.Read(ArtifactWords.LayoutFile, 4096);
        byte[]? bytes = layout.Read(ArtifactWords.IndexFile, LargestIndex);
        if (bytes is null)
        {
            if (!make || marker is not null)
            {
                report.CannotRead("no-layout", SourceLocation.Of(layout.Path), "The folder is no OCI image layout: it has no index.json. Give the folder that 'hardenctl seccomp push' wrote.");
                return null;
            }

            return new LayoutIndex(new JObject(new JProperty("schemaVersion", 2), new JProperty("mediaType", ArtifactWords.IndexType), new JProperty("manifests", new JArray())));
        }

        if (marker is null || JsonTree.Read(Path.Combine(layout.Path, ArtifactWords.LayoutFile), marker, report) is not JObject { } version || (string?)version["imageLayoutVersion"] != "1.0.0")
        {
            report.CannotRead("no-layout", SourceLocation.Of(Path.Combine(layout.Path, ArtifactWords.LayoutFile)), "Expected {\"imageLayoutVersion\":\"1.0.0\"}. The folder is no OCI image layout of that version.");
            return null;
        }

        if (JsonTree.Read(file, bytes, report) is not { } json)
        {
            return null;
        }

        if (json is JObject { } index && index["manifests"] is JArray manifests && manifests.All(static m => m is JObject))
        {
            return new LayoutIndex(index);
        }

        new FormReader(report).WrongType(json, "an object with a list 'manifests' of objects");
        return null;
    }

    /// <summary>The descriptors of a tag; mostly one. Another tool may have given it to several.</summary>
    public IReadOnlyList<JObject> FindTag(string tag) => [.. Manifests.Where(m => TagOf(m) == tag).DistinctBy(DigestOf)];

    /// <summary>The descriptor of a digest; null when there is none.</summary>
    public JObject? FindDigest(string digest) => Manifests.FirstOrDefault(m => DigestOf(m) == digest);

    /// <summary>A descriptor's digest as it stands there; null where it is no text.</summary>
    public static string? DigestOf(JObject descriptor) => descriptor["digest"] is JValue { Value: string digest } ? digest : null;

    /// <summary>The tags, for messages.</summary>
    public IReadOnlyList<string> Tags => [.. Manifests.Select(TagOf).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Adds a manifest and moves the tag to it. What had the tag stays reachable by its digest.</summary>
    public void Put(JObject descriptor, string? tag)
    {
        string digest = (string)descriptor["digest"]!;
        if (tag is not null)
        {
            foreach (JObject other in Manifests.Where(m => TagOf(m) == tag).ToArray())
            {
                ((JObject)other["annotations"]!).Remove(ArtifactWords.RefName);
            }

            descriptor["annotations"] = new JObject(new JProperty(ArtifactWords.RefName, tag));
        }
        else if (FindDigest(digest) is not null)
        {
            return;
        }

        // The same content without a tag says nothing that the new entry does not.
        foreach (JObject other in Manifests.Where(m => (string?)(m["digest"] as JValue) == digest && TagOf(m) is null).ToArray())
        {
            other.Remove();
        }

        ((JArray)_json["manifests"]!).Add(descriptor);
    }

    /// <summary>Writes it, and the file that says what the folder is.</summary>
    public void Write(OpenFolder layout)
    {
        if (layout.Read(ArtifactWords.LayoutFile, 4096) is null)
        {
            layout.Write(ArtifactWords.LayoutFile, "{\"imageLayoutVersion\":\"1.0.0\"}"u8);
        }

        layout.Write(ArtifactWords.IndexFile, Encoding.UTF8.GetBytes(_json.ToCompactText()));
    }

    private IEnumerable<JObject> Manifests => _json["manifests"]!.OfType<JObject>();

    private static string? TagOf(JObject descriptor) => (descriptor["annotations"] as JObject)?[ArtifactWords.RefName] is JValue { Value: string tag } ? tag : null;
}
