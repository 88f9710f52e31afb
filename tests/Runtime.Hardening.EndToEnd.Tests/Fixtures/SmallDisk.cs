namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>A real file system of its own in a folder of an installation, which can be filled up and made read-only.</summary>
public sealed class SmallDisk : IDisposable
{
    public SmallDisk(Installation node)
    {
        Folder = Path.Combine(node.Folder, "disk");
        Directory.CreateDirectory(Folder);
        Command.Run("mount", ["-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", Folder]).Succeeded();
    }

    public string Folder { get; }

    private string Filler => Path.Combine(Folder, "filler");

    /// <summary>Takes all room that is left, down to the last page.</summary>
    public void Fill() => Assert.ThrowsAny<IOException>(() => File.WriteAllBytes(Filler, new byte[4 << 20]));

    /// <summary>Gives the room back.</summary>
    public void Empty() => File.Delete(Filler);

    public void MakeReadOnly() => Command.Run("mount", ["-o", "remount,ro", Folder]).Succeeded();

    public void Dispose() => Command.Run("umount", [Folder]).Succeeded();
}
