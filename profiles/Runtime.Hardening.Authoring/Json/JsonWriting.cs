using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Runtime.Hardening.Authoring.Json;

/// <summary>Writes a tree for people: what fits stands in one line, and long lists of plain values are filled up to the margin.</summary>
internal static class JsonWriting
{
    private const int Margin = 120;
    private const int Indent = 2;

    /// <summary>The text, with a line break at its end.</summary>
    public static string ToText(this JToken root)
    {
        StringBuilder text = new();
        Write(text, root, 0);
        return text.Append('\n').ToString();
    }

    /// <summary>The text in one line and without blanks, as machines want it.</summary>
    public static string ToCompactText(this JToken root)
    {
        StringBuilder text = new();
        Compact(text, root, "");
        return text.ToString();
    }

    private static void Write(StringBuilder text, JToken value, int depth)
    {
        // The document itself and its list of rules are always spread: then a difference between two profiles is a difference of lines.
        if (value is JValue || (depth > 0 && FitsInOneLine(value, depth)))
        {
            Compact(text, value, " ");
        }
        else if (value is JArray list && list.All(static item => item is JValue))
        {
            Fill(text, list, depth);
        }
        else
        {
            Spread(text, (JContainer)value, depth);
        }
    }

    private static void Spread(StringBuilder text, JContainer value, int depth)
    {
        (char open, char close) = value is JObject ? ('{', '}') : ('[', ']');
        text.Append(open);
        string separator = "";
        foreach (JToken item in value)
        {
            Break(text.Append(separator), depth + 1);
            if (item is JProperty member)
            {
                text.Append(JsonConvert.ToString(member.Name)).Append(": ");
                Write(text, member.Value, depth + 1);
            }
            else
            {
                Write(text, item, depth + 1);
            }

            separator = ",";
        }

        if (value.HasValues)
        {
            Break(text, depth);
        }

        text.Append(close);
    }

    private static void Fill(StringBuilder text, JArray list, int depth)
    {
        text.Append('[');
        int used = Margin;
        for (int i = 0; i < list.Count; i++)
        {
            string item = list[i].ToCompactText() + (i + 1 < list.Count ? "," : "");
            if (used + 1 + item.Length > Margin)
            {
                Break(text, depth + 1);
                used = (depth + 1) * Indent;
            }
            else
            {
                text.Append(' ');
                used++;
            }

            text.Append(item);
            used += item.Length;
        }

        Break(text, depth);
        text.Append(']');
    }

    private static bool FitsInOneLine(JToken value, int depth)
    {
        if (value.Parent is JProperty { Name: "syscalls" } && value.HasValues)
        {
            return false;
        }

        int room = Margin - (depth * Indent);
        StringBuilder text = new();
        return Compact(text, value, " ", room) && text.Length <= room;
    }

    // False as soon as there is more than the limit, so that a large tree is not written once for each level.
    private static bool Compact(StringBuilder text, JToken value, string blank, int limit = int.MaxValue)
    {
        if (value is JRaw raw)
        {
            text.Append((string?)raw.Value);
        }
        else if (value is JValue plain)
        {
            text.Append(plain.ToString(Formatting.None));
        }
        else
        {
            (char open, char close, string inside) = value is JObject ? ('{', '}', blank) : ('[', ']', "");
            text.Append(open).Append(value.HasValues ? inside : "");
            string separator = "";
            foreach (JToken item in value)
            {
                text.Append(separator);
                if (item is JProperty member)
                {
                    text.Append(JsonConvert.ToString(member.Name)).Append(':').Append(blank);
                }

                if (text.Length > limit || !Compact(text, item is JProperty property ? property.Value : item, blank, limit))
                {
                    return false;
                }

                separator = "," + blank;
            }

            text.Append(value.HasValues ? inside : "").Append(close);
        }

        return text.Length <= limit;
    }

    private static void Break(StringBuilder text, int depth) => text.Append('\n').Append(' ', depth * Indent);
}
