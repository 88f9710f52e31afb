using System.Security.Cryptography;
using System.Text;
using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.Compiling;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Interop;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Store;

/// <summary>Writes the folder of one generation, every byte of it on disk before the folder gets its name.</summary>
internal sealed class GenerationWriter
{
    private const UnixFileMode FileAccess0644 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    internal const UnixFileMode Folder0755 = FileAccess0644 | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly PolicySet _set;
    private readonly Policy[] _policies;

    public GenerationWriter(PolicySet set)
    {
        _set = set;
        _policies = PolicyCompiler.Compile(set);
        Digest = ComputeDigest();
    }

    /// <summary>12 hex digits of SHA-256 over the policies and profiles: equal content has an equal digest, whenever it is compiled.</summary>
    public string Digest { get; }

    public int PolicyCount => _policies.Length;

    /// <summary>Writes the folder.</summary>
    /// <param name="generations">The folder of generations.</param>
    /// <param name="name">The final name.</param>
    /// <param name="created">For the index.</param>
    public void Write(string generations, string name, DateTimeOffset created)
    {
        string folder = Path.Combine(generations, ".new-" + name);
        MakeFolder(folder);
        MakeFolder(Path.Combine(folder, GenerationFolder.SeccompFolder));
        MakeFolder(Path.Combine(folder, GenerationFolder.SourcesFolder));
        foreach (SeccompSource profile in _set.Seccomp.Values)
        {
            WriteFile(Path.Combine(folder, profile.FileName), profile.Json.Span);
            if (profile.ByCapability is { } other)
            {
                WriteFile(Path.Combine(folder, other.FileName), other.Json.Span);
            }
        }

        if (_set.AppArmor.Count > 0)
        {
            // Kept as text, so that a rollback finds the very version, whatever its description says by then.
            MakeFolder(Path.Combine(folder, GenerationFolder.AppArmorFolder));
            foreach (AppArmorSource profile in _set.AppArmor.Values)
            {
                WriteFile(Path.Combine(folder, GenerationFolder.AppArmorFolder, profile.Profile.Name), Encoding.UTF8.GetBytes(profile.Profile.Text));
            }

            Libc.SyncFolder(Path.Combine(folder, GenerationFolder.AppArmorFolder));
        }

        foreach (PolicyFile source in _set.Files)
        {
            WriteFile(Path.Combine(folder, GenerationFolder.SourcesFolder, Path.GetFileName(source.Path)), Encoding.UTF8.GetBytes(source.Text));
        }

        WriteFile(Path.Combine(folder, PolicyIndex.FileName), new PolicyIndex(name, created, _policies).Write());
        Libc.SyncFolder(Path.Combine(folder, GenerationFolder.SeccompFolder));
        Libc.SyncFolder(Path.Combine(folder, GenerationFolder.SourcesFolder));
        Libc.SyncFolder(folder);
        Libc.Rename(folder, Path.Combine(generations, name));
        Libc.SyncFolder(generations);
    }

    /// <summary>Makes a folder that is not there, whatever the caller's umask is; one that is there keeps its mode, which may be stricter.</summary>
    internal static void MakeFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Folder0755);
    }

    private static void WriteFile(string path, ReadOnlySpan<byte> bytes)
    {
        using FileStream file = new(path, FileMode.CreateNew, System.IO.FileAccess.Write, FileShare.None);
        File.SetUnixFileMode(file.SafeFileHandle, FileAccess0644);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    private string ComputeDigest()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // Name and time say when it was compiled, not what it is, so they are left empty here.
        hash.AppendData(new PolicyIndex("", DateTimeOffset.UnixEpoch, _policies).WriteBody());
        foreach (SeccompSource profile in _set.Seccomp.Values)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{profile.FileName}\n"));
            hash.AppendData(profile.Json.Span);
            if (profile.ByCapability is { } other)
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"\n{other.FileName}\n"));
                hash.AppendData(other.Json.Span);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
