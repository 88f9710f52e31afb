using Runtime.Hardening.Collector.Journal;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.Collector.Tests.Journal;

public sealed class JournalStreamTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Active => Path.Combine(_folder.Path, "decisions.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_absent_folder_is_waited_for()
    {
        using var stream = new JournalStream(Path.Combine(_folder.Path, "later"), "decisions", null);
        Assert.Empty(Read(stream));
        Segment("later/decisions.jsonl", 1, 1, 2);
        Assert.Equal([1, 2], Read(stream));
    }

    [Fact]
    public void A_half_written_line_is_read_when_its_newline_comes()
    {
        Segment("decisions.jsonl", 1, 1, 1);
        using var stream = new JournalStream(_folder.Path, "decisions", null);
        Assert.Equal([1], Read(stream));
        string line = Line(2);
        File.AppendAllText(Active, line[..20]);
        Assert.Empty(Read(stream));
        File.AppendAllText(Active, line[20..]);
        Assert.Equal([2], Read(stream));
    }

    [Fact]
    public void A_reader_does_not_keep_the_hook_from_closing_a_segment()
    {
        Segment("decisions.jsonl", 1, 1, 1);
        using var stream = new JournalStream(_folder.Path, "decisions", null);
        Assert.Equal([1], Read(stream));
        using var flock = System.Diagnostics.Process.Start("flock", ["--exclusive", "--nonblock", Active, "true"]);
        flock.WaitForExit();
        Assert.Equal(0, flock.ExitCode);
    }

    [Fact]
    public void Rotation_loses_nothing()
    {
        Segment("decisions.jsonl", 1, 1, 2);
        using var stream = new JournalStream(_folder.Path, "decisions", null);
        Assert.Equal([1, 2], Read(stream));
        File.AppendAllText(Active, Line(3));
        Rotate(1);
        Segment("decisions.jsonl", 2, 4, 2);
        Assert.Equal([3, 4, 5], Read(stream));
        Assert.Equal(0, stream.Lost);
    }

    [Fact]
    public void Pruned_lines_are_counted()
    {
        Segment("decisions.jsonl", 1, 1, 2);
        using var stream = new JournalStream(_folder.Path, "decisions", null);
        Assert.Equal([1, 2], Read(stream));
        Rotate(1);
        Segment("decisions.jsonl", 9, 40, 1); // 3 to 39 came and went
        Assert.Equal([40], Read(stream));
        Assert.Equal(37, stream.Lost);
    }

    [Fact]
    public void A_restart_goes_on_at_the_cursor_in_the_right_segment()
    {
        Segment("decisions-000001.jsonl", 1, 1, 3);
        Segment("decisions-000002.jsonl", 2, 4, 3);
        Segment("decisions.jsonl", 3, 7, 2);
        Close("decisions-000001.jsonl");
        Close("decisions-000002.jsonl");
        using var stream = new JournalStream(_folder.Path, "decisions", 5);
        Assert.Equal([5, 6, 7, 8], Read(stream));
        Assert.Equal(0, stream.Lost);
    }

    [Fact]
    public void Loss_while_the_daemon_was_down_is_counted()
    {
        Segment("decisions.jsonl", 3, 7, 1);
        using var stream = new JournalStream(_folder.Path, "decisions", 5);
        Assert.Equal([7], Read(stream));
        Assert.Equal(2, stream.Lost);
    }

    [Fact]
    public void A_first_start_reads_what_there_is_and_calls_nothing_lost()
    {
        Segment("decisions.jsonl", 3, 7, 1);
        using var stream = new JournalStream(_folder.Path, "decisions", null);
        Assert.Equal([7], Read(stream));
        Assert.Equal(0, stream.Lost);
    }

    [Fact]
    public void A_malformed_line_is_counted_and_keeps_its_number()
    {
        Segment("decisions.jsonl", 1, 1, 1);
        File.AppendAllText(Active, "not json\n" + Line(3));
        using var stream = new JournalStream(_folder.Path, "decisions", null);
        Assert.Equal([1, 3], Read(stream));
        Assert.Equal(1, stream.Malformed);
    }

    [Fact]
    public void Lines_that_found_no_room_are_counted_once_and_while_the_segment_is_open()
    {
        Segment("decisions.jsonl", 1, 1, 1, unwritten: 2);
        using var stream = new JournalStream(_folder.Path, "decisions", null);
        Assert.Equal([1], Read(stream));
        Assert.Equal((2, 2), (stream.Unwritten, stream.UnwrittenSeen));
        Segment("decisions.jsonl", 1, 1, 1, unwritten: 5);
        Assert.Empty(Read(stream));
        Assert.Empty(Read(stream));
        Assert.Equal((5, 5), (stream.Unwritten, stream.UnwrittenSeen));
        Rotate(1);
        Segment("decisions.jsonl", 2, 2, 1, unwritten: 6);
        Assert.Equal([2], Read(stream));
        Assert.Equal((6, 6), (stream.Unwritten, stream.UnwrittenSeen));
    }

    [Fact]
    public void A_restart_counts_the_unwritten_lines_behind_its_cursor_only()
    {
        Segment("decisions.jsonl", 1, 1, 1, unwritten: 7);
        using var stream = new JournalStream(_folder.Path, "decisions", 2, unwritten: 5);
        Assert.Empty(Read(stream));
        Assert.Equal((2, 7), (stream.Unwritten, stream.UnwrittenSeen));
    }

    [Fact]
    public void A_journal_that_began_anew_counts_its_unwritten_lines_from_nought()
    {
        Segment("decisions.jsonl", 1, 1, 1, unwritten: 3);
        using var stream = new JournalStream(_folder.Path, "decisions", 90, unwritten: 50);
        Assert.Equal([1], Read(stream));
        Assert.Equal((3, 3), (stream.Unwritten, stream.UnwrittenSeen));
    }

    [Fact]
    public void A_truncated_segment_is_read_again_without_hanging()
    {
        Segment("decisions.jsonl", 1, 1, 3);
        using var stream = new JournalStream(_folder.Path, "decisions", null);
        Assert.Equal([1, 2, 3], Read(stream));
        Segment("decisions.jsonl", 1, 1, 1);
        Assert.Equal([1], Read(stream)); // sent again, with the same event id, rather than not at all
    }

    [Fact]
    public void A_segment_left_open_by_a_dead_writer_is_left_in_the_end()
    {
        Segment("decisions-000001.jsonl", 1, 1, 1); // renamed, never closed
        Segment("decisions.jsonl", 2, 2, 1);
        using var stream = new JournalStream(_folder.Path, "decisions", null);
        Assert.Equal([1, 2], Enumerable.Range(0, 10).SelectMany(_ => Read(stream)));
    }

    [Fact]
    public void The_cursor_survives_and_a_damaged_one_starts_over()
    {
        var cursor = new JournalCursor(Path.Combine(_folder.Path, "state"));
        Assert.Empty(cursor.Load());
        cursor.Save([new("decisions", 12)]);
        Assert.Equal(12, cursor.Load()["decisions"]);
        File.WriteAllText(Path.Combine(_folder.Path, "state/journal-cursor.json"), "{\"dec");
        Assert.Empty(cursor.Load());
    }

    private static long[] Read(JournalStream stream)
    {
        List<JournalLine> lines = [];
        stream.Read(lines, 1000);
        Assert.All(lines, line => Assert.Equal($"id{line.Sequence}", line.Entry.Id)); // numbers belong to their lines
        return [.. lines.Select(line => line.Sequence)];
    }

    private void Segment(string name, long number, long first, int count, long unwritten = 0) => _folder.Write(name,
        System.Text.Encoding.ASCII.GetString(JournalSegment.Header(number, first, unwritten)) + string.Concat(Enumerable.Range(0, count).Select(i => Line(first + i))));

    private void Rotate(long number)
    {
        string name = JournalSegment.ClosedName("decisions", number);
        File.Move(Active, Path.Combine(_folder.Path, name));
        Close(name);
    }

    private void Close(string name) => File.SetUnixFileMode(Path.Combine(_folder.Path, name), UnixFileMode.UserRead | UnixFileMode.GroupRead);

    private static string Line(long number) =>
        System.Text.Encoding.UTF8.GetString(new JournalEntry { Id = $"id{number}", Verb = "create", Decision = "allow" }.WriteLine());
}
