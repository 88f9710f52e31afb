using System.Diagnostics;
using System.Text;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.Hook.Tests;

/// <summary>The journal on a disk without room: a real small file system, filled up.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int Bytes = 256 * 1024;
    private readonly TestFolder _folder = new();
    private readonly string _disk;

    public FullDiskTests()
    {
        _disk = _folder["disk"];
        Directory.CreateDirectory(_disk);
        if (!Environment.IsPrivilegedProcess || TryRun("mount", "-t", "tmpfs", "-o", $"size={Bytes},mode=0700", "tmpfs", _disk) != 0)
        {
            _folder.Dispose();
            Assert.Skip("a small file system cannot be mounted here: that needs root with CAP_SYS_ADMIN");
        }
    }

    public void Dispose()
    {
        Run("umount", _disk);
        _folder.Dispose();
    }

    [Fact]
    public void AFullDiskLeavesNoFilesBehind()
    {
        Fill();
        Assert.False(Append("a"));
        Assert.Equal(["filler"], Directory.EnumerateFileSystemEntries(_disk).Select(static path => Path.GetFileName(path)));
    }

    [Fact]
    public void EveryLineThatFoundNoRoomIsCutShortOrCounted()
    {
        Assert.True(Append("before"));
        Fill();
        int failed = 0;
        for (int i = 0; i < 40; i++)
        {
            failed += Append($"full{i}") ? 0 : 1;   // the last page of the segment still takes some
        }

        File.Delete(Path.Combine(_disk, "filler"));
        Assert.True(Append("after"));

        (long unwritten, List<string> ids, int malformed) = Read(JournalSegment.Decisions);
        Assert.True(failed > 10, $"only {failed} of 40 lines failed");
        Assert.Equal(failed, unwritten + malformed);
        Assert.Equal(42, ids.Count + unwritten + malformed);
        Assert.Equal("after", ids[^1]);
    }

    [Fact]
    public void WritersAtTheSameTimeAreAllCounted()
    {
        Assert.True(Append("before"));
        Fill();
        while (Append("until full"))
        {
        }

        (long before, _, _) = Read(JournalSegment.Decisions);
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => Assert.False(Append($"p{i}")));
        Assert.Equal(before + 200, Read(JournalSegment.Decisions).Unwritten);
    }

    [Fact]
    public void TheFirstRefusalOnAFullDiskIsCountedInItsOwnStream()
    {
        Assert.True(Append("allowed"));
        Fill();
        Assert.False(Append(new string('r', 8000), JournalDecision.Refuse));
        (long unwritten, List<string> ids, int malformed) = Read(JournalSegment.Refusals);
        Assert.Empty(ids);
        Assert.Equal(1, unwritten + malformed);
        Assert.Equal(0, Read(JournalSegment.Decisions).Unwritten);
    }

    [Fact]
    public void TheNumberGoesOnIntoTheNextSegment()
    {
        Run("mount", "-o", "remount,size=16m", _disk);
        Assert.True(Append("before"));
        string active = Path.Combine(_disk, "decisions.jsonl");
        byte[] header = Encoding.ASCII.GetBytes(File.ReadLines(active).First() + "\n");
        Assert.True(JournalSegment.TryParseHeader(header, out long segment, out long first, out _));
        using (FileStream file = new(active, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Write(JournalSegment.Header(segment, first, 17));
            file.Seek(0, SeekOrigin.End);
            file.Write(new JournalEntry { Id = "big", Message = new string('y', JournalSegment.MaxBytes) }.WriteLine());
        }

        Assert.True(Append("closes the segment"));
        Assert.True(File.Exists(Path.Combine(_disk, "decisions-000001.jsonl")));
        Assert.Equal(17, Read(JournalSegment.Decisions).Unwritten);
    }

    [Fact]
    public void ASegmentThatCannotBeClosedForWantOfRoomStillHasItsLine()
    {
        Run("mount", "-o", "remount,size=16m", _disk);
        Assert.True(Append("before"));
        string active = Path.Combine(_disk, "decisions.jsonl");
        File.AppendAllText(active, Encoding.UTF8.GetString(new JournalEntry { Id = "big", Message = new string('y', JournalSegment.MaxBytes) }.WriteLine()));
        // Room for the line in the segment's last page, and none for a new segment.
        int toPage = 4096 - (int)(new FileInfo(active).Length % 4096);
        Assert.True(toPage > 1024, "the line would need another page: make the big one a little longer");
        Fill();
        Assert.True(Append("the one that finds it full"));
        (long unwritten, List<string> ids, _) = Read(JournalSegment.Decisions);
        Assert.Equal(0, unwritten);
        Assert.Equal("the one that finds it full", ids[^1]);
    }

    private void Fill()
        => Assert.ThrowsAny<IOException>(() => File.WriteAllBytes(Path.Combine(_disk, "filler"), new byte[64 * 1024 * 1024]));

    private bool Append(string id, string decision = JournalDecision.Allow) => new JournalWriter(_disk).Append(new JournalEntry { Id = id, Decision = decision });

    private (long Unwritten, List<string> Ids, int Malformed) Read(string stream)
    {
        string[] lines = File.ReadAllLines(Path.Combine(_disk, JournalSegment.ActiveName(stream)));
        Assert.True(JournalSegment.TryParseHeader(Encoding.UTF8.GetBytes(lines[0]), out _, out _, out long unwritten), lines[0]);
        List<string> ids = [];
        foreach (string line in lines.Skip(1))
        {
            if (JournalEntry.TryParse(Encoding.UTF8.GetBytes(line), out JournalEntry entry))
            {
                ids.Add(entry.Id);
            }
        }

        return (unwritten, ids, lines.Length - 1 - ids.Count);
    }

    private static void Run(string program, params string[] arguments) => Assert.Equal(0, TryRun(program, arguments));

    private static int TryRun(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
