using System.Text;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Interop;
using Runtime.Hardening.Authoring.Json;

namespace Runtime.Hardening.Authoring.Seccomp.Artifacts;

/// <summary>
/// Profiles as OCI artifacts in an image layout: a manifest whose config has the media type of profiles, and one layer with the profile's bytes as they are, so that the
/// layer's digest is the file's. Container engines and registry tools read the same form.
/// </summary>
public static class ProfileArtifacts
{
    private const int LargestManifest = 4 * 1024 * 1024;

    /// <summary>Puts a profile into a layout, which is made when it is not there.</summary>
    /// <param name="folder">The layout.</param>
    /// <param name="profile">Bytes of a profile in OCI form, already checked.</param>
    /// <param name="tag">A tag to move to it; null for none.</param>
    /// <param name="report">Receives what is wrong with the layout.</param>
    /// <returns>The manifest's digest; null after a finding, and then the layout says what it said.</returns>
    public static string? Push(string folder, ReadOnlySpan<byte> profile, string? tag, LintReport report)
    {
        folder = Plain(folder);
        if (!Path.Exists(Path.GetDirectoryName(folder)))
        {
            throw new IOException($"The folder of '{folder}' is not there. Make it first.");
        }

        using OpenFolder layout = OpenFolder.Open(folder, create: true)!;
        layout.Lock();
        if (LayoutIndex.Read(layout, make: true, report) is not { } index)
        {
            return null;
        }

        byte[] manifest = Manifest(profile);
        using OpenFolder blobs = layout.Inside("blobs", create: true)!;
        using OpenFolder sha256 = blobs.Inside("sha256", create: true)!;
        WriteBlob(sha256, "{}"u8);
        WriteBlob(sha256, profile);
        WriteBlob(sha256, manifest);
        JObject descriptor = Descriptor(ArtifactWords.ManifestType, manifest);
        descriptor.Add("artifactType", ArtifactWords.ProfileType);
        index.Put(descriptor, tag);
        index.Write(layout);
        return (string)descriptor["digest"]!;
    }

    /// <summary>Takes a profile out of a layout.</summary>
    /// <param name="folder">The layout.</param>
    /// <param name="tag">Its tag; null where the digest says which.</param>
    /// <param name="digest">The manifest's digest; null where the tag says which.</param>
    /// <param name="report">Receives what is wrong.</param>
    /// <returns>The profile's bytes, which are what their digest says; null after a finding.</returns>
    public static byte[]? Pull(string folder, string? tag, string? digest, LintReport report)
    {
        folder = Plain(folder);
        using OpenFolder layout = OpenFolder.Open(folder, create: false) ?? throw new IOException($"The folder '{folder}' is not there. Give a layout that 'hardenctl seccomp push' wrote.");
        if (LayoutIndex.Read(layout, make: false, report) is not { } index)
        {
            return null;
        }

        IReadOnlyList<JObject> tagged = tag is not null ? index.FindTag(tag) : [];
        if (tagged.Count > 1)
        {
            report.CannotRead("ambiguous-tag", SourceLocation.Of(Path.Combine(folder, ArtifactWords.IndexFile)),
                $"{tagged.Count} manifests have the tag '{tag}': {string.Join(", ", tagged.Select(static m => LayoutIndex.DigestOf(m) ?? "one without a digest"))}. Say which with --digest.");
            return null;
        }

        if ((tag is null ? index.FindDigest(digest!) : tagged is [{ } only] ? only : null) is not { } descriptor)
        {
            string have = index.Tags.Count == 0 ? "It has no tags." : $"Its tags: {string.Join(", ", index.Tags)}.{(tag is null ? "" : DidYouMean.Sentence(tag, index.Tags))}";
            report.CannotRead("not-found", SourceLocation.Of(folder), $"The layout has no {(tag is null ? $"manifest {digest}" : $"tag '{tag}'")}. {have}");
            return null;
        }

        using OpenFolder? blobs = layout.Inside("blobs", create: false);
        using OpenFolder? sha256 = blobs?.Inside("sha256", create: false);
        if (sha256 is null)
        {
            report.CannotRead("no-layout", SourceLocation.Of(folder), "The layout has no folder blobs/sha256.");
            return null;
        }

        return ReadBlob(sha256, descriptor, LargestManifest, report) is { } manifest
            && JsonTree.Read(Path.Combine(sha256.Path, (string)descriptor["digest"]!), manifest, report) is { } json
            && Layer(json, report) is { } layer
                ? ReadBlob(sha256, layer, ProfileDocument.LargestFile, report)
                : null;
    }

    // "layout/" and "layout/." would follow a link.
    private static string Plain(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    private static byte[] Manifest(ReadOnlySpan<byte> profile)
    {
        JObject layer = Descriptor("application/json", profile);
        layer.Add("annotations", new JObject(new JProperty(ArtifactWords.Title, "profile.json")));
        return Encoding.UTF8.GetBytes(new JObject(
            new JProperty("schemaVersion", 2),
            new JProperty("mediaType", ArtifactWords.ManifestType),
            new JProperty("artifactType", ArtifactWords.ProfileType),
            new JProperty("config", Descriptor(ArtifactWords.ProfileType, "{}"u8)),
            new JProperty("layers", new JArray(layer))).ToCompactText());
    }

    private static JObject Descriptor(string type, ReadOnlySpan<byte> bytes)
        => new(new JProperty("mediaType", type), new JProperty("digest", ArtifactWords.DigestOf(bytes)), new JProperty("size", (ulong)bytes.Length));

    private static void WriteBlob(OpenFolder sha256, ReadOnlySpan<byte> bytes)
    {
        string digest = ArtifactWords.DigestOf(bytes), name = ArtifactWords.BlobOf(digest)!;
        // A blob that is there already is only trusted when it is what its name says.
        if (sha256.Read(name, ProfileDocument.LargestFile) is not { } there || ArtifactWords.DigestOf(there) != digest)
        {
            sha256.Write(name, bytes);
        }
    }

    private static JObject? Layer(JToken json, LintReport report)
    {
        JObject manifest = json as JObject ?? [];
        string? type = (manifest["config"] as JObject)?["mediaType"] is JValue { Value: string config } ? config : null;
        if (type == ArtifactWords.EmptyType)
        {
            type = manifest["artifactType"] is JValue { Value: string artifact } ? artifact : null;
        }

        if (type != ArtifactWords.ProfileType)
        {
            report.CannotRead("not-a-profile", json.Place(), $"The manifest is of the type '{type ?? "unknown"}', expected {ArtifactWords.ProfileType}: this is no seccomp profile.");
            return null;
        }

        if (manifest["layers"] is JArray { Count: 1 } layers && layers[0] is JObject layer)
        {
            return layer;
        }

        report.CannotRead("not-a-profile", json.Place(), $"The manifest has {(manifest["layers"] as JArray)?.Count ?? 0} layers, expected one: the profile.");
        return null;
    }

    private static byte[]? ReadBlob(OpenFolder sha256, JObject descriptor, int largest, LintReport report)
    {
        string? digest = descriptor["digest"] is JValue { Value: string text } ? text : null;
        if (ArtifactWords.BlobOf(digest) is not { } name)
        {
            report.CannotRead("bad-digest", descriptor.Place(), "The descriptor has no digest of the form sha256: and 64 hex digits.");
            return null;
        }

        if (sha256.Read(name, largest) is not { } bytes)
        {
            report.CannotRead("missing-blob", SourceLocation.Of(sha256.Path), $"The blob {digest} is not there. The layout is not whole: push the profile again.");
            return null;
        }

        string found = ArtifactWords.DigestOf(bytes);
        if (found != digest || descriptor["size"] is not JValue { Value: ulong size } || size != (ulong)bytes.Length)
        {
            string whose = found == digest ? "The descriptor that names it is wrong" : "It was changed";
            report.CannotRead("wrong-digest", SourceLocation.Of(Path.Combine(sha256.Path, name)),
                $"The blob has {bytes.Length} bytes and the digest {found}, expected {(descriptor["size"] is JValue { Value: ulong expected } ? $"{expected}" : "no known number of")} bytes and {digest}. {whose}: push the profile again.");
            return null;
        }

        return bytes;
    }
}
