using System.Globalization;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>Reads <c>RLIMIT_X: n</c> and <c>RLIMIT_X: {soft: n, hard: n}</c>.</summary>
internal static class RlimitReader
{
    public const string Unlimited = "unlimited";
    public static readonly string[] KnownTypes = Rlimit.KnownTypes.ToArray();
    public static readonly string[] Members = ["soft", "hard"];

    /// <summary>A limit without its type: the leaf's path carries that, and the compiler puts it in.</summary>
    public static Rlimit? Read(ValueReader values, YamlNode node)
    {
        if (node is not YamlMapping mapping)
        {
            return Number(values, node) is { } both ? new Rlimit("", both, both) : null;
        }

        foreach ((YamlScalar key, _) in mapping.Entries)
        {
            if (!Members.Contains(key.Text))
            {
                values.Report.Error("unknown-field", key.Location, $"Unknown field '{key.Text}' in a limit, expected soft and hard.{DidYouMean.Sentence(key.Text, Members)}");
            }
        }

        ulong? soft = Member(values, mapping, "soft");
        ulong? hard = Member(values, mapping, "hard");
        if (soft is null || hard is null)
        {
            return null;
        }

        if (soft > hard)
        {
            values.Report.Error("rlimit-order", mapping.Find("soft")!.Location,
                $"The soft limit {soft} is above the hard limit {Text(hard.Value)}. The kernel refuses that: lower soft, or raise hard.");
            return null;
        }

        return new Rlimit("", soft.Value, hard.Value);
    }

    private static ulong? Member(ValueReader values, YamlMapping mapping, string name)
    {
        if (mapping.Find(name) is { } node)
        {
            return Number(values, node);
        }

        values.Report.Error("missing-field", mapping.Location, $"The limit has no '{name}'. Give both soft and hard, or one number for both.");
        return null;
    }

    private static ulong? Number(ValueReader values, YamlNode node)
    {
        if (node is YamlScalar { Text: Unlimited })
        {
            return Rlimit.Unlimited;
        }

        if (node is YamlScalar { IsPlain: true } scalar && ulong.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
        {
            return value;
        }

        values.Report.Error("wrong-type", node.Location,
            $"Expected a whole number from 0 to {ulong.MaxValue} in the unit of the resource, or {Unlimited}, but this is {node.Kind}.");
        return null;
    }

    private static string Text(ulong value) => value == Rlimit.Unlimited ? Unlimited : value.ToString(CultureInfo.InvariantCulture);
}
