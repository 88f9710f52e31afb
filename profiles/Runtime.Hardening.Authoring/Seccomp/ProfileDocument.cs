using System.Text;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Checks;
using Runtime.Hardening.Authoring.Yaml;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>A profile as it was written: the JSON, members that nobody knows included, and its rules with their places.</summary>
public sealed class ProfileDocument
{
    /// <summary>The largest file that is read as a profile. The largest in use have a hundredth of that.</summary>
    public const int LargestFile = 16 * 1024 * 1024;

    /// <summary>The name for the standard input.</summary>
    public const string StandardInput = TextSource.StandardInput;

    internal ProfileDocument(string file, JObject json, ProfileDialect dialect, SeccompResult @default, IReadOnlyList<ProfileRule> rules)
    {
        File = file;
        Json = json;
        Dialect = dialect;
        Default = @default;
        Rules = rules;
    }

    /// <summary>The path as the user gave it.</summary>
    public string File { get; }

    /// <summary>The whole file. Its values are never changed; whoever makes another profile of it clones it.</summary>
    public JObject Json { get; }

    /// <summary>The format.</summary>
    public ProfileDialect Dialect { get; }

    /// <summary>What happens to a call that no entry names.</summary>
    public SeccompResult Default { get; }

    /// <summary>False where the default could not be read: nothing may be concluded from it.</summary>
    internal bool HasDefault { get; init; } = true;

    /// <summary>False where it has more conditions than any filter: nothing is gained by comparing them with each other.</summary>
    internal bool IsComparable { get; init; } = true;

    /// <summary>The entries in their order.</summary>
    public IReadOnlyList<ProfileRule> Rules { get; }

    /// <summary>The architectures as written; empty when there is no list.</summary>
    public IReadOnlyList<string> Architectures => Texts("architectures");

    /// <summary>Reads a file, or the standard input.</summary>
    /// <returns>Null when it is no profile; the report says why, and also names every other mistake of form.</returns>
    public static ProfileDocument? Load(string path, ProfileDialect dialect, LintReport report)
        => ReadJson(path, report) is { } json ? Of(path, json, dialect, report) : null;

    /// <summary>Reads a file in OCI form, or the standard input, and also gives its bytes as they are.</summary>
    public static (ProfileDocument Document, byte[] Bytes)? LoadBytes(string path, LintReport report)
        => ReadBytes(path, report) is { } bytes && HasNoMark(path, bytes, report) && Parse(path, bytes, ProfileDialect.Oci, report) is { } document ? (document, bytes) : null;

    /// <summary>Engines that are written in Go take no byte order mark; what reads profiles here passes over it.</summary>
    internal static bool HasNoMark(string file, ReadOnlySpan<byte> bytes, LintReport report)
    {
        if (!bytes.StartsWith<byte>([0xEF, 0xBB, 0xBF]))
        {
            return true;
        }

        report.Error("byte-order-mark", new SourceLocation(file, 1, 1), "The file begins with a byte order mark (EF BB BF), and container engines refuse it. Save it without.");
        return false;
    }

    /// <summary>Reads bytes that are in memory already.</summary>
    public static ProfileDocument? Parse(string file, ReadOnlySpan<byte> utf8, ProfileDialect dialect, LintReport report)
        => JsonTree.Read(file, utf8, report) is { } json ? Of(file, json, dialect, report) : null;

    /// <summary>The JSON of a file or of the standard input, whatever it is about.</summary>
    internal static JToken? ReadJson(string path, LintReport report)
        => ReadBytes(path, report) is { } bytes ? JsonTree.Read(path, bytes, report) : null;

    internal static byte[]? ReadBytes(string path, LintReport report)
        => path == StandardInput ? TextSource.ReadInput(LargestFile, "No profile needs that.", report) : TextSource.ReadBytes(path, LargestFile, "No profile needs that: is it the right file?", report);

    internal static ProfileDocument? Of(string file, JToken json, ProfileDialect dialect, LintReport report) => ProfileForm.Check(file, json, dialect, report);

    /// <summary>By what it does. Only for the OCI format without errors of form.</summary>
    /// <exception cref="Runtime.Hardening.Profiles.HardeningFormatException">No runtime would take it.</exception>
    public SeccompProfile ToProfile() => SeccompProfile.Parse(Encoding.UTF8.GetBytes(Json.ToCompactText()), File);

    /// <summary>The texts of a list of the profile; whatever else stands there is left out.</summary>
    internal IReadOnlyList<string> Texts(string field) => [.. (Json[field] as JArray ?? []).Select(static item => item is JValue { Value: string text } ? text : null).OfType<string>()];

    /// <summary>In one line and without the remarks, as a generation holds it.</summary>
    internal byte[] ToBytes()
    {
        JObject value = (JObject)Json.DeepClone();
        value.Remove(ProfileWords.Remarks);
        return Encoding.UTF8.GetBytes(value.ToCompactText());
    }
}
