using System.Text.Json;
using Runtime.Hardening.Authoring.Explaining;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Cli.Commands;

/// <summary>An explanation as JSON, with the words of the journal.</summary>
internal static class ExplanationJson
{
    public static void Write(Utf8JsonWriter json, CompiledSet set, Explanation explanation)
    {
        json.WriteStartObject();
        json.WriteString("decision", PolicyExplainCommand.Outcome(explanation.Decision.Outcome));
        json.WriteString("message", explanation.Decision.Message);
        json.WriteString("from", set.Name);
        json.WriteStartObject("facts");
        foreach ((string name, string value) in PolicyExplainCommand.Facts(explanation.Facts))
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteStartArray("policies");
        foreach (MatchExplanation match in explanation.Matches)
        {
            json.WriteStartObject();
            json.WriteString("policy", match.Policy);
            json.WriteBoolean("matches", match.IsMatch);
            Printer.Strings(json, "why", match.Reasons);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("changes");
        foreach (ChangeExplanation change in explanation.Changes)
        {
            json.WriteStartObject();
            json.WriteString("path", change.Edit.Path.Text());
            json.WriteString("rule", change.Edit.Owner.Text());
            json.WriteString("policy", change.Edit.Policies);
            json.WriteString("before", change.Edit.Before);
            json.WriteString("after", change.Edit.After);
            Printer.Strings(json, "writtenAt", change.Places);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (Finding finding in explanation.Decision.Findings)
        {
            json.WriteStartObject();
            json.WriteString("rule", finding.Rule.Text());
            json.WriteString("policy", finding.Policies);
            json.WriteString("outcome", finding.Outcome.Text());
            json.WriteString("message", finding.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
