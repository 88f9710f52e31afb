namespace Runtime.Hardening.Profiles.Facts;

/// <summary>
/// The names that the kernel knows our AppArmor profiles by: <c>hardened-web-3f9a0c21</c>, the description's name and a digest of its text. Another text is
/// another profile, so that an update changes nothing under a container that runs; and nobody else's profile is ever taken for one of ours.
/// </summary>
public static class AppArmorName
{
    /// <summary>How every description of ours is called.</summary>
    public const string Prefix = "hardened-";

    /// <summary>Hexadecimal digits of SHA-256 at the end of a version's name.</summary>
    public const int DigestLength = 8;

    /// <summary>The version of a description whose text has that digest.</summary>
    public static string Of(string description, string digest) => $"{description}-{digest}";

    /// <summary>Whether the kernel's name is one that hardenctl gives.</summary>
    public static bool IsVersion(string name)
        => name.Length > Prefix.Length + DigestLength + 1
            && name.StartsWith(Prefix, StringComparison.Ordinal)
            && name[^(DigestLength + 1)] == '-'
            && name[^DigestLength..].All(char.IsAsciiHexDigitLower)
            && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>The description's name in a version's name.</summary>
    public static string DescriptionOf(string version) => version[..^(DigestLength + 1)];
}
