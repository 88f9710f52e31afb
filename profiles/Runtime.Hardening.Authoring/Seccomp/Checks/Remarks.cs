using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>
/// The remarks at the top of a profile ("//"). A line "accepts CODE: reason" says that a warning of that code is known and meant, so that a profile with a known
/// weakness can still be clean; it holds for no error.
/// </summary>
internal sealed class Remarks
{
    private const string Accepts = "accepts ";

    private readonly Dictionary<string, SourceLocation> _accepted = new(StringComparer.Ordinal);

    /// <summary>The code that a line accepts, with whatever reason; null for a line that tells something else.</summary>
    public static string? AcceptedBy(string line) => line.StartsWith(Accepts, StringComparison.Ordinal) ? line[Accepts.Length..].Split(':')[0].Trim() : null;

    public static Remarks Read(ProfileDocument document, LintReport report)
    {
        Remarks remarks = new();
        FormReader form = new(report);
        foreach (JToken line in form.List(document.Json, ProfileWords.Remarks))
        {
            if (line is not JValue { Type: JTokenType.String, Value: string text })
            {
                form.WrongType(line, "a line of text about the profile");
            }
            else if (AcceptedBy(text) is { } code)
            {
                int colon = text.IndexOf(':', StringComparison.Ordinal);
                if (colon < 0 || text.AsSpan(colon + 1).Trim().IsEmpty)
                {
                    report.Error("no-reason", line.Place(), $"This line accepts a warning and gives no reason, expected '{Accepts}CODE: reason'.");
                }
                else
                {
                    remarks._accepted.TryAdd(code, line.Place());
                }
            }
        }

        return remarks;
    }

    /// <summary>Hands on what was found, but for accepted warnings. An acceptance of nothing is a finding itself.</summary>
    public void Pass(LintReport found, LintReport report)
    {
        HashSet<string> unused = [.. _accepted.Keys];
        report.Take(found, finding =>
        {
            bool isAccepted = finding.Severity == LintSeverity.Warning && _accepted.ContainsKey(finding.Code);
            _ = isAccepted && unused.Remove(finding.Code);
            return !isAccepted;
        });

        foreach (string code in found.HasErrors ? [] : unused)
        {
            report.Warning("accepts-nothing", _accepted[code], $"This line accepts '{code}', and there is no such warning. Remove it.");
        }
    }
}
