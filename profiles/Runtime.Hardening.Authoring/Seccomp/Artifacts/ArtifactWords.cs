using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Runtime.Hardening.Authoring.Seccomp.Artifacts;

/// <summary>The words of the OCI image layout and of profiles in it.</summary>
internal static partial class ArtifactWords
{
    public const string ProfileType = "application/vnd.cncf.seccomp-profile.config.v1+json";
    public const string EmptyType = "application/vnd.oci.empty.v1+json";
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    public const string IndexType = "application/vnd.oci.image.index.v1+json";
    public const string RefName = "org.opencontainers.image.ref.name";
    public const string Title = "org.opencontainers.image.title";

    public const string LayoutFile = "oci-layout";
    public const string IndexFile = "index.json";

    /// <summary>Whether the text can be a tag.</summary>
    public static bool IsTag(string text) => Tag().IsMatch(text);

    /// <summary>The file's name below blobs/sha256; null when the text is no digest of that kind, whatever path it spells.</summary>
    public static string? BlobOf(string? digest) => digest is not null && Digest().IsMatch(digest) ? digest["sha256:".Length..] : null;

    /// <summary>The digest of bytes.</summary>
    public static string DigestOf(ReadOnlySpan<byte> bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex Tag();

    [GeneratedRegex(@"^sha256:[0-9a-f]{64}\z")]
    private static partial Regex Digest();
}
