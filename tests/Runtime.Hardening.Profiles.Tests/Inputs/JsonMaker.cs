using System.Globalization;
using System.Text;

namespace Runtime.Hardening.Profiles.Tests.Inputs;

/// <summary>JSON as no formatter writes it: odd white space, escaped keys, any order, and members that nobody knows.</summary>
internal class JsonMaker(System.Random random)
{
    private static readonly string[] s_white = ["", "", "", " ", "\n", "\t ", "\r\n  "];

    private static readonly string[] s_unknown =
    [
        "1e400", "-0.0", "18446744073709551616", "\"\\u00e9\\ud83d\\ude00\"", "\"\u00e9\u4e16\"", "\"\\/\\u003c&\"", "{\"a\":[null,{},{\"b\":[]}]}", "[]", "{ }",
        "null", "\"process\"", "{\"noNewPrivileges\":false}", "[[ ],\"}\", \"]\"]",
    ];

    protected System.Random Random => random;

    public bool Chance(int percent) => random.Next(100) < percent;

    public T One<T>(params T[] choices) => choices[random.Next(choices.Length)];

    public string White() => One(s_white);

    public string Unknown() => One(s_unknown);

    public static string Text(string value) => '"' + value + '"';

    public string Array(IEnumerable<string> values) => '[' + White() + string.Join(White() + ',' + White(), values) + White() + ']';

    /// <summary>An object of the members that are not null, in any order, with strangers among them.</summary>
    public string Object(params (string Key, string? Json)[] members)
    {
        List<(string Key, string Json)> all = [.. members.Where(static member => member.Json is not null).Select(static member => (member.Key, member.Json!))];
        for (int i = random.Next(3); i > 0; i--)
        {
            all.Add(($"x-{i}-{random.Next(10)}", Unknown()));
        }

        var text = new StringBuilder("{").Append(White());
        foreach ((string key, string json) in all.OrderBy(_ => random.Next()))
        {
            text.Append(text.ToString().TrimEnd() is "{" ? "" : ",").Append(White()).Append('"').Append(Key(key)).Append('"')
                .Append(White()).Append(':').Append(White()).Append(json).Append(White());
        }

        return text.Append('}').ToString();
    }

    /// <summary>Some of the values, each at most once.</summary>
    public List<string> Some(string[] values, int percent) => [.. values.Where(_ => Chance(percent)).OrderBy(_ => random.Next())];

    // One letter in six keys as an escape, which every JSON reader takes for the letter.
    private string Key(string key)
    {
        if (!Chance(16))
        {
            return key;
        }

        int at = random.Next(key.Length);
        return key[..at] + "\\u" + ((int)key[at]).ToString(Chance(50) ? "x4" : "X4", CultureInfo.InvariantCulture) + key[(at + 1)..];
    }
}
