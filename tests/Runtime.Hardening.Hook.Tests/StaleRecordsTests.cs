using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.Hook.Tests;

public sealed class StaleRecordsTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hardening-stale-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("gone", 10, true, true)]      // settled and no state: removed
    [InlineData("lives", 10, true, false)]    // the runtime still has it
    [InlineData("young", 1, true, true)]      // just starting: the runtime has not made its state yet
    [InlineData("rootless", 10, false, true)] // no --root, and its bundle is there: where its state would be is not known
    public void OnlyRecordsWhoseRuntimeStateIsGoneForMinutesAreRemoved(string id, int minutes, bool hasRoot, bool stateIsGone)
    {
        string root = Path.Combine(_folder.FullName, "runc");
        string records = Path.Combine(_folder.FullName, "records");
        Directory.CreateDirectory(stateIsGone ? root : Path.Combine(root, id));

        var store = new RecordStore(records);
        store.Write(new ContainerRecord
        {
            Id = id,
            Root = hasRoot ? root : "",
            Bundle = hasRoot ? "/b" : _folder.FullName,
            Decision = "allow",
            Created = s_now - TimeSpan.FromMinutes(minutes),
        });
        store.CountRepeatedExec(hasRoot ? root : "", id, 1);

        StaleRecords.Sweep(records, s_now);

        Assert.Equal(id == "gone" ? 0 : 2, Directory.GetFiles(records).Length);
    }

    [Fact]
    public void AFolderThatIsNotThereIsNoReasonToFail() => StaleRecords.Sweep(Path.Combine(_folder.FullName, "none"), s_now);
}
