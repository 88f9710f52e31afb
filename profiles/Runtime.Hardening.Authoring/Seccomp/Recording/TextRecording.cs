using System.Globalization;
using System.Text.RegularExpressions;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Seccomp.Recording;

/// <summary>Reads a list of names, a line each, or what strace printed: its trace (also with -f, -t and the like) or its table of counts (-c).</summary>
internal static partial class TextRecording
{
    public static void Read(string text, RecordedCalls calls)
    {
        string[] lines = text.Split('\n');
        if (Array.Exists(lines, static l => TableHead().IsMatch(l)))
        {
            ReadTable(lines, calls);
        }
        else if (Array.Exists(lines, static l => Traced().IsMatch(l)))
        {
            ReadTrace(lines, calls);
        }
        else
        {
            ReadNames(lines, calls);
        }
    }

    private static void ReadNames(string[] lines, RecordedCalls calls)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Split('#')[0];
            Match match = Name().Match(line);
            if (match.Success)
            {
                calls.Add(match.Groups["name"].Value, Count(match), new SourceLocation(calls.File, i + 1, match.Groups["name"].Index + 1));
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                calls.Report.Error("recording-syntax", new SourceLocation(calls.File, i + 1, 1),
                    "This is no line of a recording, expected the name of a system call and perhaps how often it was seen. Give JSON, a list of names, or the output of strace.");
            }
        }
    }

    // % time     seconds  usecs/call     calls    errors syscall
    private static void ReadTable(string[] lines, RecordedCalls calls)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            Match row = TableRow().Match(lines[i]);
            if (row.Success && row.Groups["name"].Value != "total")
            {
                calls.Add(row.Groups["name"].Value, Count(row), new SourceLocation(calls.File, i + 1, row.Groups["name"].Index + 1));
            }
        }
    }

    // A call that another process interrupted is printed twice; its second half ("<... read resumed>") has no match here.
    private static void ReadTrace(string[] lines, RecordedCalls calls)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            Match call = Traced().Match(lines[i]);
            if (call.Success)
            {
                calls.Add(Unnamed(call.Groups["name"].Value), 1, new SourceLocation(calls.File, i + 1, call.Groups["name"].Index + 1));
            }
        }
    }

    // Once where no count is given, or one that no counter can hold.
    private static ulong Count(Match match)
        => ulong.TryParse(match.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out ulong given) ? given : 1;

    private static string Unnamed(string name)
        => name.StartsWith("syscall_0x", StringComparison.Ordinal) && int.TryParse(name.AsSpan("syscall_0x".Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : name;

    // [0-9] and not \d, which is every script's digits: no number is read from those.
    [GeneratedRegex(@"^\s*(?<name>[A-Za-z0-9_]+)(\s+(?<count>[0-9]{1,20}))?\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"^% time\s+seconds\s+usecs/call\s+calls\s+errors\s+syscall\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex TableHead();

    [GeneratedRegex(@"^\s*[0-9.]+\s+[0-9.]+\s+[0-9]+\s+(?<count>[0-9]{1,20})(\s+[0-9]+)?\s+(?<name>[a-z0-9_]+)\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex TableRow();

    // A pid and a time can stand before the call: "[pid 7] 12:00:00.1 read(3, ...". A number that strace has no name for is "syscall_0x1c9(".
    [GeneratedRegex(@"^(\[pid\s+[0-9]+\]\s+|[0-9]+\s+)?([0-9:.]+\s+)?(\(\+\s*[0-9.]+\)\s+)?(?<name>[a-z_][a-z0-9_]*)\(", RegexOptions.NonBacktracking)]
    private static partial Regex Traced();
}
