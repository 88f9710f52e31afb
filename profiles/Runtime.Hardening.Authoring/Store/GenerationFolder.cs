using System.Globalization;
using System.Text;
using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.Interop;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Store;

/// <summary>A generation on disk: <c>generations/NNNNNN-digest</c>.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Name">Its name, which is also in its index.</param>
/// <param name="Number">The ascending number.</param>
/// <param name="Digest">12 hex digits over its content.</param>
public sealed record GenerationFolder(string Path, string Name, int Number, string Digest)
{
    internal const string FolderName = "generations";
    internal const string SeccompFolder = "seccomp";
    internal const string AppArmorFolder = "apparmor";
    internal const string SourcesFolder = "sources";

    /// <summary>Reads number and digest out of a folder's name; null for a folder that is no generation.</summary>
    internal static GenerationFolder? TryParse(string path)
    {
        string name = System.IO.Path.GetFileName(path);
        int dash = name.IndexOf('-', StringComparison.Ordinal);
        return dash >= 6 && int.TryParse(name.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && name.Length - dash - 1 == 12
            ? new GenerationFolder(path, name, number, name[(dash + 1)..])
            : null;
    }

    internal static string NameOf(int number, string digest) => string.Create(CultureInfo.InvariantCulture, $"{number:D6}-{digest}");

    /// <summary>What a link of the store leads to; a folder of any other name, or one that stands in the link's place, serves the hook as well.</summary>
    internal static GenerationFolder? At(string link)
    {
        if (FileStatus.TryRead(link, followLink: true) is not { IsDirectory: true })
        {
            return null;
        }

        string path = System.IO.Path.TrimEndingDirectorySeparator(new DirectoryInfo(link).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? link);
        return TryParse(path) ?? new GenerationFolder(path, System.IO.Path.GetFileName(path), 0, "");
    }

    /// <summary>Reads the index alone: what the hook needs to take this generation.</summary>
    /// <exception cref="HardeningFormatException">It is damaged, missing, or writable by others.</exception>
    public PolicyIndex ReadIndex()
    {
        try
        {
            return PolicyIndex.Read(ReadTrusted(PolicyIndex.FileName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    /// <summary>Reads the index, and makes sure that every profile in it is whole, and that the hook will trust it: what others can write it does not use.</summary>
    /// <exception cref="HardeningFormatException">Something is damaged, missing, or writable by others.</exception>
    public PolicyIndex Read()
    {
        try
        {
            PolicyIndex index = ReadIndex();
            foreach (SeccompDemand demand in index.Policies.Select(p => p.Seccomp).OfType<SeccompDemand>())
            {
                if (PolicyIndex.Checksum(ReadTrusted(demand.File)) != demand.Crc32C)
                {
                    throw new HardeningFormatException($"{Path}/{demand.File} is damaged: its checksum does not match the index. Run 'hardenctl policy apply' again.");
                }
            }

            return index;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    /// <summary>The text of each AppArmor profile that this generation names and hardenctl loads.</summary>
    /// <exception cref="HardeningFormatException">A text is damaged or missing, or the generation is.</exception>
    public IReadOnlyList<AppArmorText> AppArmorTexts()
    {
        try
        {
            return [.. Read().Policies.Select(p => p.AppArmor?.Profile).OfType<string>().Where(AppArmorName.IsVersion).Distinct().Order(StringComparer.Ordinal)
                .Where(name => File.Exists(System.IO.Path.Combine(Path, AppArmorFolder, name)))
                .Select(name => AppArmorText.Kept(name, Encoding.UTF8.GetString(ReadTrusted($"{AppArmorFolder}/{name}"))))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HardeningFormatException($"The AppArmor profiles of generation {Name} cannot be read: {e.Message} Run 'hardenctl policy apply' again.", e);
        }
    }

    private HardeningFormatException Unreadable(Exception e)
        => new($"The generation {Name} cannot be read: {e.Message} Run 'hardenctl policy apply' again.", e);

    private byte[] ReadTrusted(string name)
    {
        string path = System.IO.Path.Combine(Path, name);
        // The hook follows no link inside a generation.
        string? problem = FileTrust.ProblemOfOne(Path, mayBeSticky: false) ?? FileTrust.ProblemOfOne(path, mayBeSticky: false)
            ?? (FileStatus.TryRead(path, followLink: false) is { IsSymbolicLink: true } ? $"'{path}' is a symbolic link, expected a file." : null);
        return problem is not null
            ? throw new HardeningFormatException($"{problem} Until then the hook does not use this generation; 'hardenctl policy apply' writes another.")
            : RegularFile.ReadAllBytes(path);
    }
}
