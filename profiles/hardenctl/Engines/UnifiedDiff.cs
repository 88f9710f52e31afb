using System.Globalization;
using System.Text;

namespace Runtime.Hardening.Cli.Engines;

/// <summary>A unified diff of two texts, as `diff -u` and `patch` know it.</summary>
internal static class UnifiedDiff
{
    private const int Context = 3;

    /// <summary>Empty if the texts are equal.</summary>
    public static string Make(string before, string after, string beforeName, string afterName)
    {
        List<(char Kind, string Line)> script = Script(Lines(before), Lines(after));
        StringBuilder diff = new();
        int at = 0;
        while ((at = script.FindIndex(at, s => s.Kind != ' ')) >= 0)
        {
            if (diff.Length == 0)
            {
                diff.Append(CultureInfo.InvariantCulture, $"--- {beforeName}\n+++ {afterName}\n");
            }

            int start = Math.Max(0, at - Context);
            int end = at + 1;
            for (int i = at; i < script.Count && i < end + (2 * Context); i++)
            {
                end = script[i].Kind == ' ' ? end : i + 1;
            }

            end = Math.Min(script.Count, end + Context);
            Hunk(diff, script, start, end);
            at = end;
        }

        return diff.ToString();
    }

    private static void Hunk(StringBuilder diff, List<(char Kind, string Line)> script, int start, int end)
    {
        int beforeLine = script.Take(start).Count(s => s.Kind != '+') + 1;
        int afterLine = script.Take(start).Count(s => s.Kind != '-') + 1;
        List<(char Kind, string Line)> hunk = script.GetRange(start, end - start);
        int beforeCount = hunk.Count(s => s.Kind != '+');
        int afterCount = hunk.Count(s => s.Kind != '-');
        // A side without lines is named by the line before it: the format's own rule.
        diff.Append(CultureInfo.InvariantCulture, $"@@ -{(beforeCount == 0 ? beforeLine - 1 : beforeLine)},{beforeCount} +{(afterCount == 0 ? afterLine - 1 : afterLine)},{afterCount} @@\n");
        foreach ((char kind, string line) in hunk)
        {
            diff.Append(kind).Append(line);
            if (!line.EndsWith('\n'))
            {
                diff.Append("\n\\ No newline at end of file\n");
            }
        }
    }

    private static List<string> Lines(string text)
    {
        List<string> lines = [];
        for (int at = 0; at < text.Length;)
        {
            int newline = text.IndexOf('\n', at);
            int next = newline < 0 ? text.Length : newline + 1;
            lines.Add(text[at..next]);
            at = next;
        }

        return lines;
    }

    /// <summary>Longest common subsequence; equal heads and tails are set aside first, so the table stays as small as the change.</summary>
    private static List<(char Kind, string Line)> Script(List<string> a, List<string> b)
    {
        int head = 0;
        while (head < a.Count && head < b.Count && a[head] == b[head])
        {
            head++;
        }

        int tail = 0;
        while (tail < a.Count - head && tail < b.Count - head && a[^(tail + 1)] == b[^(tail + 1)])
        {
            tail++;
        }

        int rows = a.Count - head - tail;
        int columns = b.Count - head - tail;
        int[,] longest = new int[rows + 1, columns + 1];
        for (int i = rows - 1; i >= 0; i--)
        {
            for (int j = columns - 1; j >= 0; j--)
            {
                longest[i, j] = a[head + i] == b[head + j] ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);
            }
        }

        List<(char, string)> script = [.. a.Take(head).Select(l => (' ', l))];
        for (int i = 0, j = 0; i < rows || j < columns;)
        {
            if (i < rows && j < columns && a[head + i] == b[head + j])
            {
                script.Add((' ', a[head + i++]));
                j++;
            }
            else if (j == columns || (i < rows && longest[i + 1, j] >= longest[i, j + 1]))
            {
                script.Add(('-', a[head + i++]));
            }
            else
            {
                script.Add(('+', b[head + j++]));
            }
        }

        script.AddRange(a.Skip(a.Count - tail).Select(l => (' ', l)));
        return script;
    }
}
