using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Rules;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// One generation of the policy store, opened once: <c>current</c> is resolved to a directory descriptor and everything is read below it, so that an apply
/// in the same moment cannot mix two generations.
/// </summary>
internal sealed class PolicyStore : IProfileSource, IDisposable
{
    private readonly Descriptor _generation;

    private readonly string _path;

    private PolicyStore(Descriptor generation, string path, PolicyIndex index)
    {
        _generation = generation;
        _path = path;
        Index = index;
    }

    /// <summary>The policies.</summary>
    public PolicyIndex Index { get; }

    /// <summary>Opens what <paramref name="link"/> (<c>current</c> or <c>previous</c>) points to.</summary>
    /// <exception cref="HardeningFormatException">It is missing, damaged, or could have been written by others than root.</exception>
    public static PolicyStore Open(string store, string link)
    {
        using Descriptor folder = OpenTrusted(Descriptor.CurrentDirectory, store, O_DIRECTORY, store);
        // Who may rename generations could bring an old one back, root-owned as it is.
        OpenTrusted(folder, "generations", O_DIRECTORY, $"{store}/generations").Dispose();
        Descriptor generation = OpenTrusted(folder, link, O_DIRECTORY, $"{store}/{link}");
        try
        {
            return new PolicyStore(generation, $"{store}/{link}", PolicyIndex.Read(ReadTrusted(generation, PolicyIndex.FileName, $"{store}/{link}/{PolicyIndex.FileName}")));
        }
        catch (HardeningFormatException)
        {
            generation.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Read(SeccompDemand demand)
    {
        byte[] json = ReadTrusted(_generation, demand.File, $"{_path}/{demand.File}");
        return PolicyIndex.Checksum(json) == demand.Crc32C
            ? json
            : throw new HardeningFormatException(
                $"seccomp profile '{demand.Profile}' ({_path}/{demand.File}) is damaged: its checksum does not match; run 'hardenctl policy apply' again");
    }

    public void Dispose() => _generation.Dispose();

    private static byte[] ReadTrusted(Descriptor directory, string name, string path)
    {
        using Descriptor file = OpenTrusted(directory, name, O_NOFOLLOW, path);
        stat status = file.Stat(path);
        return ((uint)status.st_mode & (uint)S_IFMT) == (uint)S_IFREG && status.st_size > 0
            ? file.ReadToEnd(path, (long)status.st_size)
            : throw new HardeningFormatException($"'{path}' is {(status.st_size == 0 ? "empty" : "no regular file")}. Run 'hardenctl policy apply' again");
    }

    private static Descriptor OpenTrusted(Descriptor directory, string name, int flags, string path)
    {
        Descriptor opened = Descriptor.Open(directory, name, O_RDONLY | flags, shown: path);
        if (Trust.Doubt(opened.Stat(path), path) is { } doubt)
        {
            opened.Dispose();
            throw new HardeningFormatException($"the policy store cannot be trusted: {doubt}");
        }

        return opened;
    }
}
