using Runtime.Hardening.Hook.Interop;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// A file that the runtime is about to read, config.json or process.json: read once, and replaced as a whole by writing beside it and renaming. Whatever dies
/// when, the name leads to the old bytes or to all the new ones.
/// </summary>
internal sealed class SpecFile : IDisposable
{
    // crun takes this very word, too, for the bundle's.
    private const string Default = "config.json";

    private readonly Descriptor _directory;
    private readonly string _name;
    private readonly stat _status;

    private SpecFile(Descriptor directory, string path, string name, stat status, byte[] bytes)
    {
        _directory = directory;
        _name = name;
        _status = status;
        Path = path;
        Bytes = bytes;
    }

    /// <summary>For messages.</summary>
    public string Path { get; }

    /// <summary>What stands there.</summary>
    public byte[] Bytes { get; }

    /// <summary>The spec that the runtime will read: crun's <c>--config</c>, which counts from the current folder, or else the bundle's.</summary>
    /// <exception cref="Refusal">As for <see cref="Open"/>.</exception>
    public static SpecFile Of(RuntimeArguments arguments)
    {
        string other = arguments.Config;
        return other is "" or Default ? Open(arguments.Bundle, Default) : Open(other[..(other.LastIndexOf('/') + 1)], other[(other.LastIndexOf('/') + 1)..]);
    }

    /// <summary>Opens and reads.</summary>
    /// <param name="directory">The folder; empty for the current one.</param>
    /// <param name="name">The file's name in it.</param>
    /// <exception cref="Refusal">It is missing, no regular file, or a symbolic link, which no engine makes.</exception>
    public static SpecFile Open(string directory, string name)
    {
        string path = directory.Length == 0 ? name : $"{directory.TrimEnd('/')}/{name}";
        Descriptor? folder = Descriptor.TryOpen(Descriptor.CurrentDirectory, directory.Length == 0 ? "." : directory, O_RDONLY | O_DIRECTORY, out int errno);
        if (folder is not { } opened)
        {
            throw new Refusal($"the folder '{directory}' cannot be opened: {new SystemCallException("opening", directory, errno).Message}");
        }

        Descriptor? file = Descriptor.TryOpen(opened, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, out errno);
        if (file is not { } spec)
        {
            opened.Dispose();
            throw new Refusal(errno == ELOOP
                ? $"'{path}' is a symbolic link, and no engine makes one: what it leads to could change under our eyes; put the file itself there"
                : new SystemCallException("opening", path, errno).Message);
        }

        using (spec)
        {
            stat status = spec.Stat(path);
            if (((uint)status.st_mode & (uint)S_IFMT) != (uint)S_IFREG)
            {
                opened.Dispose();
                throw new Refusal($"'{path}' is not a regular file, and what else gives could change between two looks; put a file there");
            }

            return new SpecFile(opened, path, name, status, spec.ReadToEnd(path, (long)status.st_size));
        }
    }

    /// <summary>The folder's device and inode.</summary>
    public (ulong Device, ulong Inode) Folder => Identity(_directory, Path);

    /// <summary>The device and inode of any folder.</summary>
    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    public static (ulong Device, ulong Inode) FolderOf(string path)
    {
        using Descriptor folder = Descriptor.Open(Descriptor.CurrentDirectory, path, O_RDONLY | O_DIRECTORY);
        return Identity(folder, path);
    }

    private static (ulong Device, ulong Inode) Identity(Descriptor folder, string path)
    {
        stat status = folder.Stat(path);
        return ((ulong)status.st_dev, (ulong)status.st_ino);
    }

    /// <summary>Replaces the file; mode and owner stay. A label comes from the folder, as it came for the engine's own file; other attributes no engine sets.</summary>
    /// <exception cref="SystemCallException">The disk is full or read-only: the old file stands untouched.</exception>
    public unsafe void Replace(ReadOnlySpan<byte> bytes)
    {
        string temporary = $".{_name}.{Environment.ProcessId}.hardening";
        fixed (byte* from = Descriptor.Utf8(temporary))
        fixed (byte* to = Descriptor.Utf8(_name))
        {
            // Left by an earlier process of our number that died half-way: it is ours alone by its name.
            _ = unlinkat(_directory.Value, from, 0);
            Descriptor file = Descriptor.Open(_directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0x180, $"{Path[..^_name.Length]}{temporary}");   // 0600 until it is complete
            try
            {
                using (file)
                {
                    file.Write(bytes, Path);
                    if (fchown(file.Value, _status.st_uid, _status.st_gid) != 0 || fchmod(file.Value, (mode_t)((uint)_status.st_mode & 0xFFF)) != 0)
                    {
                        throw SystemCallException.Last("giving owner and mode to", temporary);
                    }
                }

                if (Rename.At(_directory.Value, from, _directory.Value, to, 0) != 0)
                {
                    throw SystemCallException.Last("replacing", Path);
                }
            }
            catch (SystemCallException)
            {
                _ = unlinkat(_directory.Value, from, 0);
                throw;
            }
        }
    }

    public void Dispose() => _directory.Dispose();
}
