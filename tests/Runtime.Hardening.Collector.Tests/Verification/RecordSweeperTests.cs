using Runtime.Hardening.Collector.Verification;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.Collector.Tests.Verification;

public sealed class RecordSweeperTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Only_settled_records_of_containers_that_are_gone_are_removed()
    {
        string root = Path.Combine(_folder.Path, "root");
        Directory.CreateDirectory(Path.Combine(root, "alive"));
        string gone = Write(root, "gone", TimeSpan.FromMinutes(6));
        string withoutRoot = Write("", "gone from the runtime's own root, with its bundle", TimeSpan.FromMinutes(6));
        string unreadable = Path.Combine(_folder.Path, "records", "0-a-folder.json");
        Directory.CreateDirectory(unreadable);
        string counter = _folder.Write($"records/{Path.GetFileName(gone)}.execs", "0123abcd 0000000000000000001\n");
        string[] kept =
        [
            Write(root, "alive", TimeSpan.FromDays(9)),
            Write(root, "starting", TimeSpan.FromMinutes(4)),
            Write(Path.Combine(_folder.Path, "a root that we cannot see"), "hidden", TimeSpan.FromDays(9)),
            Write("", "its bundle is there, so its root may be one that we do not know", TimeSpan.FromDays(9), _folder.Path),
            _folder.Write("records/other.json", "not a record"),
        ];

        new RecordSweeper(Path.Combine(_folder.Path, "records"), TimeProvider.System).Sweep();

        Assert.False(File.Exists(gone));
        Assert.False(File.Exists(withoutRoot), "Podman names no root: its records would stay for ever");
        Assert.False(File.Exists(counter));
        Assert.All(kept, path => Assert.True(File.Exists(path), path));
    }

    [Fact]
    public void Records_that_stay_are_read_once_and_a_new_one_under_the_same_name_is_read_again()
    {
        string root = Path.Combine(_folder.Path, "root");
        Directory.CreateDirectory(Path.Combine(root, "alive"));
        string[] alive = [.. Enumerable.Range(0, 100).Select(i => Write(root + new string('/', i), "alive", TimeSpan.FromDays(1)))];
        string restarted = Write(root, "restarted", TimeSpan.FromMinutes(1));
        var sweeper = new RecordSweeper(Path.Combine(_folder.Path, "records"), TimeProvider.System);
        sweeper.Sweep();
        sweeper.Sweep();

        long before = GC.GetAllocatedBytesForCurrentThread();
        sweeper.Sweep();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 100 * 1024);

        File.SetLastWriteTimeUtc(Write(root, "restarted", TimeSpan.FromMinutes(6)), DateTime.UtcNow.AddSeconds(-1));
        sweeper.Sweep();
        Assert.False(File.Exists(restarted));
        Assert.All(alive, path => Assert.True(File.Exists(path), path));
    }

    [Fact]
    public void A_node_without_records_is_no_problem() => new RecordSweeper(Path.Combine(_folder.Path, "none"), TimeProvider.System).Sweep();

    [Fact]
    public void A_record_that_a_dead_sweeper_took_aside_is_put_back()
    {
        string root = Path.Combine(_folder.Path, "root");
        Directory.CreateDirectory(Path.Combine(root, "alive"));
        string alive = Write(root, "alive", TimeSpan.FromDays(1)), replaced = Write(root, "replaced", TimeSpan.FromMinutes(1));
        File.Move(alive, alive + ".sweep");
        File.WriteAllText(replaced + ".sweep", "an older one");

        new RecordSweeper(Path.Combine(_folder.Path, "records"), TimeProvider.System).Sweep();

        Assert.True(File.Exists(alive), "the record of a live container is gone: its execs would pass unhardened");
        Assert.Equal("replaced", ContainerRecord.Read(File.ReadAllBytes(replaced)).Id);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "records"), "*.sweep"));
    }

    private string Write(string root, string id, TimeSpan age, string bundle = "/bundle/that/is/gone")
    {
        string path = Path.Combine(_folder.Path, "records", RecordKey.FileName(root, id));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new ContainerRecord { Id = id, Root = root, Bundle = bundle, Decision = "allow", Generation = "", Created = TimeProvider.System.GetUtcNow() - age }.Write());
        return path;
    }
}
