using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Spec;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// Makes the record of a running container anew from what its runtime keeps of it: the state directory was wiped, or the container is older than we are.
/// A process that joins gets what the container itself has either way, and no more.
/// </summary>
internal static class LostRecord
{
    /// <summary>What the journal says of an exec that was held to a rebuilt record.</summary>
    public const string Rebuilt = "the container had no record (it was not created through hardening-hook, or its record was lost), so it is held to what the runtime's own state says of it";

    /// <summary>Whether a record was made here: it tells a container's own confinement, and nothing of policies.</summary>
    public static bool IsRebuilt(ContainerRecord record) => record.Bundle.Length == 0 && record.Ceiling is not null && record.Decision == JournalDecision.PassThrough;

    /// <summary>The record; null when there is nothing to make it from, and <paramref name="why"/> says what is missing.</summary>
    /// <exception cref="SystemCallException">What it is made from is there, and cannot be read in this moment: nobody may join meanwhile.</exception>
    public static ContainerRecord? Rebuild(string root, string id, string runtime, HookNode node, out string why)
    {
        string state = RuntimeState.FolderOf(root, id, runtime);
        why = $"the container has no record, and the runtime has no folder '{state}' of it";
        if (id.Contains('/', StringComparison.Ordinal) || id is "" or "." or "..")
        {
            return null;
        }

        if (Descriptor.TryOpen(Descriptor.CurrentDirectory, state, O_RDONLY | O_DIRECTORY, out int errno) is not { } folder)
        {
            // Another user's folder is none to a user whose runtime keeps its own elsewhere. Anything else may pass in a moment: what joined then would be held to nothing.
            return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? null : throw new SystemCallException("opening", state, errno);
        }

        using (folder)
        {
            try
            {
                Ceiling? ceiling = Read(folder, state, RuntimeStateFile.Runc) is { } runc ? RuntimeStateFile.ReadRunc(runc)
                    : Read(folder, state, RuntimeStateFile.Crun) is { } crun ? ExecHardening.CeilingOf(ContainerSpec.Parse(crun))
                    : null;
                if (ceiling is null)
                {
                    why = $"the container has no record, and neither {RuntimeStateFile.Runc} nor {RuntimeStateFile.Crun} is in '{state}'";
                    return null;
                }

                why = "";
                return Keep(node, new ContainerRecord { Id = id, Root = root, Bundle = "", Decision = JournalDecision.PassThrough, Created = node.Now, Ceiling = ceiling });
            }
            catch (HardeningFormatException e) when (e is not SystemCallException)
            {
                why = $"the container has no record, and it cannot be rebuilt from '{state}': {e.Message}";
                return null;
            }
        }
    }

    private static byte[]? Read(Descriptor folder, string state, string name)
    {
        string path = $"{state}/{name}";
        if (Descriptor.TryOpen(folder, name, O_RDONLY | O_NOFOLLOW, out int errno) is not { } file)
        {
            return errno == ENOENT ? null : throw new SystemCallException("opening", path, errno);
        }

        using (file)
        {
            Tmds.Linux.stat status = file.Stat(path);
            return Trust.Doubt(status, path) is { } doubt ? throw new HardeningFormatException(doubt) : file.ReadToEnd(path, (long)status.st_size);
        }
    }

    // So that the next exec finds it, and probes are counted instead of journaled one by one. Without it every exec is rebuilt, and nothing else is lost.
    private static ContainerRecord Keep(HookNode node, ContainerRecord record)
    {
        try
        {
            node.Records.Write(record, onlyIfAbsent: true);
        }
        catch (SystemCallException)
        {
            return record;
        }

        return record;
    }
}
