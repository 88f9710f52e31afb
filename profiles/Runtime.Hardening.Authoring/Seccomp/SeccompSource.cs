using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>A seccomp profile as a generation holds it: the value of linux.seccomp, checked and in one line.</summary>
/// <param name="Name">What policies call it.</param>
/// <param name="Path">Where it was read.</param>
/// <param name="Json">Its bytes, UTF-8; for a profile that depends on capabilities, what it is for a container without any of them.</param>
public sealed record SeccompSource(string Name, string Path, ReadOnlyMemory<byte> Json)
{
    /// <summary>Its rules with the capabilities that each is for, which the hook settles; null when it does not depend on any.</summary>
    public SeccompByCapabilitySource? ByCapability { get; init; }

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
        => TextSource.Read(path, report) is { } text ? Parse(name, path, text, report) : null;

    internal static SeccompSource? Parse(string name, string path, string text, LintReport report)
    {
        try
        {
            JToken root = Read(path, text, report);
            if (root is JObject docker && ScopedProfile.Is(docker))
            {
                return ScopedProfile.Compile(name, path, docker, () => (JObject)Read(path, text, report), report);
            }

            SeccompChecks.Run(path, root, report);
            (root as JObject)?.Remove(SeccompProfile.Header);
            return new SeccompSource(name, path, Encoding.UTF8.GetBytes(root.ToString(Formatting.None)));
        }
        catch (JsonReaderException e)
        {
            report.Error("json-syntax", new SourceLocation(path, e.LineNumber, e.LinePosition), $"This is not JSON: {FirstSentence(e.Message)}");
            return null;
        }
        catch (JsonException e)
        {
            // The loader's own exception carries no position except in its text.
            report.Error("json-syntax", SourceLocation.Of(path), $"This profile cannot be read: {e.Message}");
            return null;
        }
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

        return profiles;
    }

    private static JToken Read(string path, string text, LintReport report)
    {
        using JsonTextReader reader = new(new StringReader(text)) { DateParseHandling = DateParseHandling.None, MaxDepth = 16 };
        JToken root = JToken.Load(reader, new JsonLoadSettings
        {
            LineInfoHandling = LineInfoHandling.Load,
            CommentHandling = CommentHandling.Ignore,
            DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error,
        });
        if (reader.Read())
        {
            report.Error("json-syntax", new SourceLocation(path, reader.LineNumber, reader.LinePosition), "Something stands after the profile's closing brace. Remove it.");
        }

        return root;
    }

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" Path '", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
