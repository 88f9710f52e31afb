using Runtime.Hardening.Authoring.Interop;

namespace Runtime.Hardening.Authoring.Store;

/// <summary>Opens files that we were given or found on the node: a FIFO in the place of one would hold us up for ever, and a device never ends.</summary>
public static class RegularFile
{
    // As much as the hook reads.
    private const int MostBytes = 64 * 1024 * 1024;

    /// <summary>Everything in the file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It is no regular file, a link to nothing, or larger than 64 MiB; or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] ReadAllBytes(string path)
    {
        if (ProblemOf(path) is { } problem)
        {
            throw new IOException(problem);
        }

        return File.ReadAllBytes(path);
    }

    /// <summary>Why what is there cannot be read as a file; null where it can, and where nothing is.</summary>
    public static string? ProblemOf(string path)
    {
        if (FileStatus.TryRead(path, followLink: true) is { } status)
        {
            return !status.IsRegularFile ? $"'{path}' is {status.Kind}, expected a regular file."
                : status.Size > MostBytes ? $"'{path}' has {status.Size} bytes, and at most {MostBytes >> 20} MiB are read."
                : null;
        }

        return LinkProblemOf(path);
    }

    /// <summary>For a symbolic link whose target is not there: which.</summary>
    public static string? LinkProblemOf(string path)
        => FileStatus.TryRead(path, followLink: false) is { IsSymbolicLink: true } && FileStatus.TryRead(path, followLink: true) is null
            ? $"'{path}' is a symbolic link to '{new FileInfo(path).LinkTarget}', which is not there or cannot be reached."
            : null;
}
