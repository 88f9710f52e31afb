using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Tests;

// These run as root, as hardenctl does: a store that belongs to anybody else is refused, which is tested too.
public sealed class PolicyStoreTests : IDisposable
{
    private static readonly PolicySet s_one = Lint.Clean(Lint.Policy("one", "  seccomp: {profile: restricted}"));
    private static readonly PolicySet s_two = Lint.Clean(Lint.Policy("two", "  noNewPrivileges: true"));

    private readonly TestFolder _folder = new();
    private readonly PolicyStore _store;

    public PolicyStoreTests() => _store = new PolicyStore(_folder["store"], _folder["state"], TimeProvider.System) { LockPatience = TimeSpan.FromMilliseconds(300) };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ApplyWritesAGenerationThatReadsBackAndPutsItInForce()
    {
        ApplyResult result = _store.Apply(s_one);
        Assert.True(result.IsChanged);
        Assert.Matches("^000001-[0-9a-f]{12}$", result.Generation);
        Assert.Equal($"generations/{result.Generation}", new FileInfo(_folder["store/current"]).LinkTarget);
        GenerationFolder current = _store.CurrentGeneration()!;
        PolicyIndex index = current.Read();
        Assert.Equal(result.Generation, index.Generation);
        Assert.Equal("one", Assert.Single(index.Policies).Name);
        Assert.True(File.Exists(Path.Combine(current.Path, "sources/a.yaml")));
        Assert.False(File.Exists(_folder["store/previous"]));
    }

    [Fact]
    public void FilesAre0644AndFolders0755WhateverTheUmask()
    {
        _store.Apply(s_one);
        string[] all = Directory.GetFileSystemEntries(_store.CurrentGeneration()!.Path, "*", SearchOption.AllDirectories);
        Assert.True(all.Length >= 5);
        Assert.All(all, path => Assert.Equal(Directory.Exists(path) ? "755" : "644", Convert.ToString((int)File.GetUnixFileMode(path), 8)));
    }

    [Fact]
    public void TheSameContentTwiceChangesNothing()
    {
        ApplyResult first = _store.Apply(s_one);
        ApplyResult second = _store.Apply(s_one);
        Assert.False(second.IsChanged);
        Assert.Equal(first.Generation, second.Generation);
        Assert.Single(_store.Generations());
    }

    [Theory]
    [InlineData("index.json")]
    [InlineData("seccomp/*")]
    public void AGenerationThatOthersCanWriteIsNoneThatTheHookUsesSoApplyWritesAnother(string file)
    {
        _store.Apply(s_one);
        string path = Directory.GetFiles(_store.CurrentGeneration()!.Path, file).Single();
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupWrite);
        Assert.Contains("writable by group or others", Assert.Throws<Runtime.Hardening.Profiles.HardeningFormatException>(() => _store.CurrentGeneration()!.Read()).Message, StringComparison.Ordinal);
        Assert.StartsWith("000002-", _store.Apply(s_one).Generation, StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedGenerationIsNotTakenForUnchanged()
    {
        _store.Apply(s_one);
        File.AppendAllText(Directory.GetFiles(Path.Combine(_store.CurrentGeneration()!.Path, "seccomp")).Single(), " ");
        ApplyResult again = _store.Apply(s_one);
        Assert.StartsWith("000002-", again.Generation, StringComparison.Ordinal);
        _store.CurrentGeneration()!.Read();
    }

    [Fact]
    public void RollbackGoesBackAndForth()
    {
        string first = _store.Apply(s_one).Generation;
        string second = _store.Apply(s_two).Generation;
        Assert.Equal(first, _store.PreviousGeneration()?.Name);
        Assert.Equal(first, _store.Rollback(null).Name);
        Assert.Equal((first, second), (_store.CurrentGeneration()!.Name, _store.PreviousGeneration()!.Name));
        Assert.Equal(second, _store.Rollback(2).Name);
        Assert.Equal(second, _store.CurrentGeneration()!.Name);
    }

    [Fact]
    public void RollbackToWhatIsNotThereNamesWhatIs()
    {
        _store.Apply(s_one);
        Assert.Contains("only 1", Assert.Throws<StoreException>(() => _store.Rollback(7)).Message, StringComparison.Ordinal);
        Assert.Contains("--to", Assert.Throws<StoreException>(() => _store.Rollback(null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RollbackToADamagedGenerationIsRefusedAndChangesNothing()
    {
        string first = _store.Apply(s_one).Generation;
        string second = _store.Apply(s_two).Generation;
        File.WriteAllText(_folder[$"store/generations/{first}/index.json"], "{}");
        Assert.Contains("not put in force", Assert.Throws<StoreException>(() => _store.Rollback(null)).Message, StringComparison.Ordinal);
        Assert.Equal(second, _store.CurrentGeneration()!.Name);
    }

    [Fact]
    public void AStoreThatTheGroupMayWriteIsRefusedWithTheFix()
    {
        _store.Apply(s_one);
        File.SetUnixFileMode(_folder["store"], (UnixFileMode)0b111_111_101);
        string message = Assert.Throws<StoreException>(() => _store.Apply(s_two)).Message;
        Assert.Contains($"chmod go-w {_folder["store"]}", message, StringComparison.Ordinal);
        Assert.Equal("one", _store.CurrentGeneration()!.Read().Policies[0].Name);
    }

    [Fact]
    public void AStoreBelowAFolderThatOthersMayWriteIsRefused()
    {
        Directory.CreateDirectory(_folder["open"]);
        File.SetUnixFileMode(_folder["open"], (UnixFileMode)0b111_111_111);
        PolicyStore store = new(_folder["open/store"], _folder["state"], TimeProvider.System);
        Assert.Contains("chmod go-w", Assert.Throws<StoreException>(() => store.Apply(s_one)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["open/store"]));
    }

    [Fact]
    public void AStoreOfAnotherUserIsRefused()
    {
        Directory.CreateDirectory(_folder["store"]);
        using (System.Diagnostics.Process chown = System.Diagnostics.Process.Start("chown", ["65534", _folder["store"]]))
        {
            chown.WaitForExit();
            Assert.Equal(0, chown.ExitCode);
        }

        Assert.Contains("belongs to uid 65534", Assert.Throws<StoreException>(() => _store.Apply(s_one)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnApplyThatFindsAnotherAtWorkGivesUpAndSaysSo()
    {
        _store.Apply(s_one);
        using FileStream held = new(_folder["store/.lock"], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Contains("Another hardenctl", Assert.Throws<StoreException>(() => _store.Apply(s_two)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AppliesAtTheSameTimeLeaveAscendingWholeGenerations()
    {
        PolicySet[] sets = [.. Enumerable.Range(0, 8).Select(i => Lint.Clean(Lint.Policy($"p{i}", "  noNewPrivileges: true")))];
        PolicyStore store = new(_folder["store"], _folder["state"], TimeProvider.System);
        Parallel.ForEach(sets, set => store.Apply(set));
        Assert.Equal(Enumerable.Range(1, 8), store.Generations().Select(g => g.Number));
        Assert.All(store.Generations(), g => g.Read());
        Assert.Equal(8, store.CurrentGeneration()!.Number);
    }

    [Fact]
    public void OldGenerationsArePrunedUnlessAContainerWasCreatedUnderThem()
    {
        string first = _store.Apply(s_one).Generation;
        _folder.Write("state/c1.json", $"{{\"v\":1,\"generation\":\"{first}\"}}");
        for (int i = 0; i < 12; i++)
        {
            _store.Apply(Lint.Clean(Lint.Policy($"p{i}", "  noNewPrivileges: true")));
        }

        Assert.Equal([1, .. Enumerable.Range(4, 10)], _store.Generations().Select(g => g.Number));
    }

    [Fact]
    public void NothingIsPrunedWhileARecordCannotBeRead()
    {
        _folder.Write("state/c1.json", "{");
        ApplyResult last = _store.Apply(s_one);
        for (int i = 0; i < 11; i++)
        {
            last = _store.Apply(Lint.Clean(Lint.Policy($"p{i}", "  noNewPrivileges: true")));
        }

        Assert.Equal(12, _store.Generations().Count);
        Assert.Contains("could not all be read", last.NotPruned, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatAKilledApplyLeftIsRemoved()
    {
        _store.Apply(s_one);
        Directory.CreateDirectory(_folder["store/generations/.new-000002-0123456789ab/seccomp"]);
        _store.Apply(s_two);
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder["store/generations"]).Length);
    }
}
