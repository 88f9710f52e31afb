using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>Writes the values of leaves as one line, for comparing and for people.</summary>
internal static class LeafText
{
    public static string Of(object value) => value switch
    {
        string text => Quote(text),
        bool truth => truth ? "true" : "false",
        string[] list => List(list),
        Rlimit limit => $"{{\"soft\":{Limit(limit.Soft)},\"hard\":{Limit(limit.Hard)}}}",
        Quantity quantity => quantity.ToString(),
        MatchClause[] clauses => "[" + string.Join(",", clauses.Select(Clause)) + "]",
        _ => throw new ArgumentException($"A leaf cannot hold a {value.GetType().Name}.", nameof(value)),
    };

    private static string Limit(ulong value) => value == Rlimit.Unlimited ? "\"unlimited\"" : value.ToString(CultureInfo.InvariantCulture);

    // Only what was asked for, in a fixed order.
    private static string Clause(MatchClause clause)
    {
        StringBuilder text = new("{");
        void Add(string name, string value) => text.Append(text.Length > 1 ? "," : "").Append('"').Append(name).Append("\":").Append(value);
        void AddList(string name, string[] list)
        {
            if (list.Length > 0)
            {
                Add(name, List(list));
            }
        }

        AddList("engines", clause.Engines);
        AddList("engineNamespaces", clause.EngineNamespaces);
        AddList("namespaces", clause.Namespaces);
        AddList("pods", clause.Pods);
        AddList("names", clause.Names);
        AddList("images", clause.Images);
        AddList("hostnames", clause.Hostnames);
        if (clause.Annotations.Length > 0)
        {
            Add("annotations", "{" + string.Join(",", clause.Annotations.Select(a => $"{Quote(a.Key)}:{Quote(a.Value)}")) + "}");
        }

        Add("containers", Quote(Words.Of(clause.Containers)));
        if (clause.Privileged is { } privileged)
        {
            Add("privileged", privileged ? "true" : "false");
        }

        return text.Append('}').ToString();
    }

    private static string List(string[] list) => "[" + string.Join(",", list.Select(Quote)) + "]";

    private static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}
