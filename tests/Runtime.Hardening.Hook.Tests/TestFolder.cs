namespace Runtime.Hardening.Hook.Tests;

/// <summary>A folder of its own for each test, gone afterwards. Only root-owned, unshared folders are trusted, so it is made with mode 0700.</summary>
public sealed class TestFolder : IDisposable
{
    public TestFolder()
        => Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "hardening-hook-" + Guid.NewGuid().ToString("N"));

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, ReadOnlySpan<byte> bytes, int mode = 0x1A4)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        File.SetUnixFileMode(this[name], (UnixFileMode)mode);
        return this[name];
    }

    public string[] Names() => [.. Directory.EnumerateFileSystemEntries(Path).Select(static path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
