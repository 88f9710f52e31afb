using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>A file of policies with the text it was read from.</summary>
/// <param name="Path">As it was found.</param>
/// <param name="Text">Its content, kept for the sources of a generation.</param>
/// <param name="Documents">Its policies.</param>
public sealed record PolicyFile(string Path, string Text, IReadOnlyList<PolicyDocument> Documents);

/// <summary>Finds and reads the files of a set.</summary>
internal static class PolicyFiles
{
    private static readonly string[] s_endings = [".yaml", ".yml", ".json"];

    /// <summary>Reads files, and the files directly in folders, in the order of their names.</summary>
    public static IReadOnlyList<PolicyFile> Read(IEnumerable<string> paths, LintReport report)
    {
        List<PolicyFile> files = [];
        foreach (string path in paths)
        {
            foreach (string file in Directory.Exists(path) ? InFolder(path, report) : [path])
            {
                if (files.Any(f => f.Path == file))
                {
                    continue;
                }

                if (TextSource.Read(file, report) is { } text)
                {
                    files.Add(new PolicyFile(file, text, ReadOne(file, text, report)));
                }
            }
        }

        return files;
    }

    private static IReadOnlyList<PolicyDocument> ReadOne(string file, string text, LintReport report)
    {
        int before = report.ErrorCount;
        IReadOnlyList<PolicyDocument> documents = PolicyDocumentReader.ReadAll(file, text, report);
        if (documents.Count == 0 && report.ErrorCount == before)
        {
            report.Error("no-policies", SourceLocation.Of(file), "The file holds no policy. Write one, or remove the file.");
        }

        return documents;
    }

    private static string[] InFolder(string folder, LintReport report)
    {
        try
        {
            string[] names = [.. Directory.EnumerateFileSystemEntries(folder).Where(p => !Path.GetFileName(p).StartsWith('.')).Order(StringComparer.Ordinal)];
            foreach (string inner in names.Where(Directory.Exists))
            {
                report.Warning("folder-not-searched", SourceLocation.Of(inner), "Folders inside a folder of policies are not searched. Move the files up, or name this folder too.");
            }

            string[] files = [.. names.Where(n => !Directory.Exists(n) && s_endings.Contains(Path.GetExtension(n)))];
            if (files.Length == 0)
            {
                report.CannotRead("no-policies", SourceLocation.Of(folder), $"The folder holds no file that ends in {string.Join(", ", s_endings)}. Give the folder that holds the policies.");
            }

            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report.CannotRead("unreadable-file", SourceLocation.Of(folder), $"The folder cannot be read: {e.Message}");
            return [];
        }
    }
}
