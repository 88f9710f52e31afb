using System.Text;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>The one segment of a stream, as its reader counts it.</summary>
/// <param name="Expected">How many decisions were made.</param>
/// <param name="Ids">Event id to container, of every line that can be read.</param>
/// <param name="CutShort">Lines that a full disk took only a part of.</param>
/// <param name="Unwritten">Lines that it took nothing of, as the header says.</param>
public sealed record JournalFile(int Expected, IReadOnlyDictionary<string, string> Ids, int CutShort, long Unwritten)
{
    public static JournalFile Read(string folder, string stream, int expected)
    {
        string[] lines = File.ReadAllLines(Path.Combine(folder, JournalSegment.ActiveName(stream)));
        Assert.True(JournalSegment.TryParseHeader(Encoding.UTF8.GetBytes(lines[0]), out _, out long first, out long unwritten), lines[0]);
        var ids = new Dictionary<string, string>();
        for (int i = 1; i < lines.Length; i++)
        {
            if (JournalEntry.TryParse(Encoding.UTF8.GetBytes(lines[i]), out JournalEntry entry))
            {
                ids.Add($"{stream}-{first + i - 1}", entry.Id);
            }
        }

        return new JournalFile(expected, ids, lines.Length - 1 - ids.Count, unwritten);
    }
}
