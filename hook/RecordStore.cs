using System.Buffers.Text;
using System.Text;
using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Records;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>The containers' records: one small file each below the state directory, replaced as a whole.</summary>
internal sealed class RecordStore(string directory)
{
    private const int CounterLength = 29;   // 8 hex digits, a space, 19 digits, a newline

    /// <summary>Writes a record, in place of an older one of the same container.</summary>
    /// <param name="record">The record.</param>
    /// <param name="onlyIfAbsent">Whether one that is there stays: a container may be made under the same id in this moment.</param>
    /// <param name="keepCount">Whether the execs that were counted are this container's.</param>
    /// <exception cref="SystemCallException">The folder cannot be made or written.</exception>
    public unsafe void Write(ContainerRecord record, bool onlyIfAbsent = false, bool keepCount = false)
    {
        using Descriptor folder = Folders.OpenOrMake("stateDirectory", directory, 0x1C0);   // 0700
        string name = RecordKey.FileName(record.Root, record.Id);
        string temporary = $".{name}.{Environment.ProcessId}";
        fixed (byte* from = Descriptor.Utf8(temporary))
        fixed (byte* to = Descriptor.Utf8(name))
        fixed (byte* counter = Descriptor.Utf8(name + ".execs"))
        {
            _ = unlinkat(folder.Value, from, 0);
            try
            {
                using (Descriptor file = Descriptor.Open(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0x180, $"{directory}/{temporary}"))   // 0600
                {
                    file.Write(record.Write(), $"{directory}/{name}");
                }

                if (Rename.At(folder.Value, from, folder.Value, to, onlyIfAbsent ? Rename.NoReplace : 0) != 0)
                {
                    throw SystemCallException.Last("replacing", $"{directory}/{name}");
                }

                if (!keepCount)
                {
                    _ = unlinkat(folder.Value, counter, 0);   // it counted the execs of a container that had this id before
                }
            }
            catch (SystemCallException)
            {
                _ = unlinkat(folder.Value, from, 0);
                throw;
            }
        }
    }

    /// <summary>The record of a container, or null when there is none.</summary>
    /// <exception cref="HardeningFormatException">It is there and cannot be read, or is another container's.</exception>
    public ContainerRecord? Find(string root, string id)
    {
        string path = $"{directory}/{RecordKey.FileName(root, id)}";
        ContainerRecord? record = Read(path);
        return record is null || (record.Id == id && record.Root == root)
            ? record
            : throw new HardeningFormatException($"'{path}' is the record of container '{record.Id}' below '{record.Root}'");
    }

    /// <summary>
    /// The record of a container whose root is not known, or null: an id may be in use below several roots, and the bundle tells which one is meant. Of several
    /// the newest.
    /// </summary>
    /// <param name="id">The container's id.</param>
    /// <param name="bundle">Device and inode of its bundle.</param>
    /// <exception cref="HardeningFormatException">One is there and cannot be read.</exception>
    public ContainerRecord? FindByBundle(string id, (ulong Device, ulong Inode) bundle)
    {
        ContainerRecord? newest = null;
        foreach (string file in RecordsOf(id))
        {
            // A filter that is not shown its bundle writes zeros; the ids of such an engine are its own alone.
            if (Read(file) is { } record && record.Id == id && (record.BundleInode == 0 || (record.BundleDevice, record.BundleInode) == bundle)
                && !(newest?.Created > record.Created))
            {
                newest = record;
            }
        }

        return newest;
    }

    // Also of other ids that begin alike.
    private string[] RecordsOf(string id)
    {
        try
        {
            return Directory.GetFiles(directory, $"{RecordKey.Beginning(id)}*{RecordKey.Ending}");
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (IOException) when (File.Exists(directory))
        {
            return [];   // without a folder there can be no record
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HardeningFormatException($"the records of containers in '{directory}' cannot be read: {e.Message}", e);
        }
    }

    private static ContainerRecord? Read(string path)
    {
        Descriptor? opened = Descriptor.TryOpen(Descriptor.CurrentDirectory, path, O_RDONLY | O_NOFOLLOW, out int errno);
        if (opened is not { } file)
        {
            // Without a folder there can be no record: what joins is held to the runtime's own state.
            return errno == ENOENT || errno == ENOTDIR ? null : throw new SystemCallException("opening", path, errno);
        }

        using (file)
        {
            Tmds.Linux.stat status = file.Stat(path);
            if (Trust.Doubt(status, path) is { } doubt)
            {
                throw new HardeningFormatException(doubt);
            }

            try
            {
                return ContainerRecord.Read(file.ReadToEnd(path, (long)status.st_size));
            }
            catch (HardeningFormatException e)
            {
                throw new HardeningFormatException($"'{path}': {e.Message}; remove it, and what joins the container is held to the runtime's own state", e);
            }
        }
    }

    /// <summary>
    /// The record of a container whose root may be spelled in two ways: Podman leaves <c>--root</c> out where a person or another tool spells it out. Of two
    /// records the newer is the living container's. Where there is none by name, the folder in which the runtime has the container tells, however it is
    /// spelled (a link, <c>/./</c>).
    /// </summary>
    /// <exception cref="HardeningFormatException">As for <see cref="Find"/>.</exception>
    public ContainerRecord? FindEither(string root, string id, string runtime)
    {
        ContainerRecord? asNamed = Find(root, id);
        ContainerRecord? other = RuntimeState.OtherSpelling(root, runtime) is { } spelling ? Find(spelling, id) : null;
        return asNamed is null && other is null ? FindByFolder(RuntimeState.FolderOf(root, id, runtime), id, runtime)
            : asNamed is null || other?.Created > asNamed.Created ? other : asNamed;
    }

    private ContainerRecord? FindByFolder(string folder, string id, string runtime)
    {
        if (id.Length == 0 || FileIdentity.Of(folder) is not { } wanted)
        {
            return null;
        }

        return RecordsOf(id).Select(Read).OfType<ContainerRecord>()
            .Where(record => record.Id == id && FileIdentity.Of(RuntimeState.FolderOf(record.Root, id, runtime)) == wanted)
            .MaxBy(record => record.Created);
    }

    /// <summary>
    /// Counts an exec whose decision is the container's last one, instead of a journal line for each probe. False when it is another decision, or when it
    /// could not be counted: then it belongs into the journal.
    /// </summary>
    public unsafe bool CountRepeatedExec(string root, string id, uint decision)
    {
        string path = $"{directory}/{RecordKey.FileName(root, id)}.execs";
        Descriptor? opened = Descriptor.TryOpen(Descriptor.CurrentDirectory, path, O_RDWR | O_CREAT | O_NOFOLLOW, out _, 0x180);
        if (opened is not { } file)
        {
            return false;
        }

        using (file)
        {
            if (Flock.Lock(file.Value, Flock.Exclusive | Flock.NonBlocking) != 0)
            {
                return false;   // another exec is counting: waiting for it could hold up a container
            }

            try
            {
                Span<byte> line = stackalloc byte[CounterLength];
                bool isKnown = file.Read(line, path) == CounterLength
                    && line[..8].SequenceEqual(Encoding.ASCII.GetBytes(PolicyIndex.ChecksumText(decision)));
                long count = isKnown && Utf8Parser.TryParse(line.Slice(9, 19), out long seen, out _) ? seen + 1 : 1;
                Encoding.ASCII.GetBytes($"{PolicyIndex.ChecksumText(decision)} {count:D19}\n", line);
                if ((long)lseek(file.Value, 0, SEEK_SET) != 0)
                {
                    return false;
                }

                file.Write(line, path);
                return isKnown;
            }
            catch (SystemCallException)
            {
                return false;
            }
        }
    }
}
