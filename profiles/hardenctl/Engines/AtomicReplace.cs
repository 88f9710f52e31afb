namespace Runtime.Hardening.Cli.Engines;

/// <summary>Replaces a file by rename: a reader sees the old file or the whole new one, whatever dies when.</summary>
internal static class AtomicReplace
{
    /// <summary>
    /// Writes the bytes beside the file, with the mode, owner and labels of the file they will replace, and returns the name.
    /// It ends in neither .toml nor anything else that an import pattern would pick up.
    /// </summary>
    public static string Stage(string path, ReadOnlySpan<byte> bytes)
    {
        string staged = $"{path}.hardening-{Environment.ProcessId}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (File.Exists(path))
            {
                // cp carries over the owner, extended attributes and the SELinux label, for which the framework has no calls.
                (int exitCode, _, string error) = Programs.Run(Programs.Find("cp") ?? "cp", "-p", "--preserve=all", "--", path, staged);
                if (exitCode != 0)
                {
                    throw EngineException.Failed($"Cannot prepare '{staged}': {error.Trim()}");
                }
            }

            using FileStream file = new(staged, FileMode.Create, FileAccess.Write);
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(staged);
            throw EngineException.Failed($"Cannot write '{staged}': {e.Message}. Run this as root, on a file system that is not read-only.");
        }

        return staged;
    }

    public static void Commit(string staged, string path) => File.Move(staged, path, overwrite: true);

    public static void Write(string path, ReadOnlySpan<byte> bytes) => Commit(Stage(path, bytes), path);
}
