using System.Text;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.Hook.Tests;

public sealed class JournalWriterTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ManyWritersAcrossRotationsLoseAndRepeatNoLine()
    {
        const int Writers = 8, Lines = 160;
        string padding = new('x', 8_000);   // 8 writers x 160 lines x 8 kB: beyond twice the bound
        Append("first");   // the process makes the first segment; threads share its temporary name, which processes do not
        Parallel.For(0, Writers, new ParallelOptions { MaxDegreeOfParallelism = Writers }, writer =>
        {
            for (int line = 0; line < Lines; line++)
            {
                // The writer gives up after some 20 ms rather than hold up a container; whoever must have the line asks again.
                while (!Append($"{writer}-{line}", padding))
                {
                    Thread.Sleep(1);
                }
            }
        });
        List<string> ids = ReadStream(JournalSegment.Decisions, out int segments);
        // Closing gives way to writers: while they overlap without a pause, a segment grows beyond its bound, so how many there are is not fixed.
        Assert.True(segments >= 2, $"{segments} segment");
        Assert.Equal(1 + (Writers * Lines), ids.Count);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.DoesNotContain(_folder.Names(), static name => name.StartsWith('.'));
    }

    [Fact]
    public void ClosedSegmentsAreReadOnlyAndTheOldestArePruned()
    {
        Append("first", "", JournalDecision.Refuse);
        for (int i = 0; i < JournalSegment.KeptRefusals + 3; i++)
        {
            Fill(JournalSegment.Refusals);
            Assert.True(Append($"r{i}", "", JournalDecision.Refuse));
        }

        string[] closed = [.. _folder.Names().Where(static name => name.StartsWith("refusals-", StringComparison.Ordinal))];
        Assert.Equal(["refusals-000004.jsonl", "refusals-000005.jsonl", "refusals-000006.jsonl"], closed);
        Assert.All(closed, name => Assert.Equal(JournalSegment.ClosedMode, (int)File.GetUnixFileMode(_folder[name])));
        Assert.Equal(JournalSegment.ActiveMode, (int)File.GetUnixFileMode(_folder["refusals.jsonl"]));
    }

    [Fact]
    public void DecisionsStayWithin64MiBAndPushOutNoRefusal()
    {
        Append("r", "", JournalDecision.Refuse);
        Append("first");
        for (int i = 0; i < JournalSegment.KeptDecisions + 4; i++)
        {
            Fill(JournalSegment.Decisions);
            Assert.True(Append($"d{i}"));
        }

        Fill(JournalSegment.Decisions);
        long bytes = _folder.Names().Where(static name => name.StartsWith("decisions", StringComparison.Ordinal)).Sum(name => new FileInfo(_folder[name]).Length);
        Assert.InRange(bytes, 64L << 20, (64L << 20) + (64 << 10));   // each segment is closed by the line that finds it full
        Assert.Equal(["r"], ReadStream(JournalSegment.Refusals, out _));
    }

    [Fact]
    public void RefusalsHaveAStreamOfTheirOwn()
    {
        Append("a");
        Append("b", "", JournalDecision.Refuse);
        Assert.Equal(["a"], ReadStream(JournalSegment.Decisions, out _));
        Assert.Equal(["b"], ReadStream(JournalSegment.Refusals, out _));
    }

    [Fact]
    public void AfterARemovedActiveSegmentNumbersJumpAndNeverRepeat()
    {
        Append("a");
        Fill(JournalSegment.Decisions);
        Append("b");
        File.Delete(_folder["decisions.jsonl"]);
        Append("c");
        Assert.True(JournalSegment.TryParseHeader(File.ReadAllBytes(_folder["decisions.jsonl"]), out long segment, out long first, out _));
        Assert.Equal((2, 2_000_000), (segment, first));
    }

    [Fact]
    public void ASymbolicLinkIsNotWrittenThrough()
    {
        string victim = _folder.Write("victim", "untouched"u8);
        File.CreateSymbolicLink(_folder["decisions.jsonl"], victim);
        Assert.False(Append("a"));
        Assert.Equal("untouched", File.ReadAllText(victim));
    }

    [Fact]
    public void ALineThatAFullDiskCutShortDoesNotTakeTheNextOneWithIt()
    {
        Append("before");
        File.AppendAllText(_folder["decisions.jsonl"], "{\"v\":1,\"id\":\"cut");
        Assert.True(Append("after"));
        string[] lines = File.ReadAllLines(_folder["decisions.jsonl"]);
        Assert.Equal("{\"v\":1,\"id\":\"cut", lines[2]);
        Assert.True(JournalEntry.TryParse(Encoding.UTF8.GetBytes(lines[3]), out JournalEntry entry), lines[3]);
        Assert.Equal("after", entry.Id);
    }

    [Fact]
    public void AJournalThatCannotBeWrittenStopsNothing() => Assert.False(new JournalWriter("/proc/none/journal").Append(new JournalEntry()));

    private bool Append(string id, string padding = "", string decision = JournalDecision.Allow)
        => new JournalWriter(_folder.Path).Append(new JournalEntry { Id = id, Decision = decision, Message = padding });

    // What a few thousand decisions would do.
    private void Fill(string stream)
    {
        using FileStream file = new(_folder[JournalSegment.ActiveName(stream)], FileMode.Append);
        byte[] line = new JournalEntry { Id = Guid.NewGuid().ToString(), Message = new string('y', JournalSegment.MaxBytes) }.WriteLine();
        file.Write(line);
    }

    private List<string> ReadStream(string stream, out int segments)
    {
        string[] files =
        [
            .. _folder.Names().Where(name => name.StartsWith(stream + "-", StringComparison.Ordinal)), JournalSegment.ActiveName(stream),
        ];
        var ids = new List<string>();
        long expected = 1;
        foreach (string file in files)
        {
            string[] lines = File.ReadAllLines(_folder[file]);
            Assert.True(JournalSegment.TryParseHeader(Encoding.UTF8.GetBytes(lines[0]), out _, out long first, out _));
            Assert.Equal(expected, first);
            foreach (string line in lines.Skip(1))
            {
                Assert.True(JournalEntry.TryParse(Encoding.UTF8.GetBytes(line), out JournalEntry entry), line);
                ids.Add(entry.Id);
            }

            expected += lines.Length - 1;
        }

        segments = files.Length;
        return ids;
    }
}
