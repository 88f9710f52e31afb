using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.AppArmor;

/// <summary>A profile that was described in a file, checked and rendered.</summary>
/// <param name="Name">What policies call it.</param>
/// <param name="Path">Where it was read.</param>
/// <param name="Profile">What the kernel gets.</param>
/// <param name="Weaker">What it allows although engines' default profiles deny it, or null: no policy may put it in their place.</param>
public sealed record AppArmorSource(string Name, string Path, AppArmorText Profile, string? Weaker)
{
    /// <summary>Reads and checks a description.</summary>
    /// <param name="path">The file, with one document in it; '-' is the standard input.</param>
    /// <param name="report">Receives every finding.</param>
    /// <returns>Null after an error.</returns>
    public static AppArmorSource? Load(string path, LintReport report)
    {
        int before = report.ErrorCount;
        if (ReadText(path, report) is not { } text)
        {
            return null;
        }

        IReadOnlyList<AppArmorDescription> found = AppArmorReader.ReadAll(path, text, report);
        if (report.ErrorCount == before && found.Count != 1)
        {
            report.Error("one-profile", found.Count > 1 ? found[1].Location : SourceLocation.Of(path), $"The file holds {found.Count} descriptions, expected one: policies find a profile by the name of its file. Give each its own file.");
        }

        if (report.ErrorCount > before)
        {
            return null;
        }

        AppArmorDescription profile = found[0];
        return new AppArmorSource(profile.Name, path, AppArmorRenderer.Render(profile), EngineFloor.WeakerIn(profile));
    }

    private static string? ReadText(string path, LintReport report)
        => path != TextSource.StandardInput ? TextSource.Read(path, report)
            : TextSource.ReadInput(TextSource.LargestFile, "No description needs that.", report) is { } bytes ? TextSource.Decode(path, bytes, report) : null;

    /// <summary>Reads a description that others find by the file's name, so the two must agree.</summary>
    public static AppArmorSource? LoadNamed(string path, LintReport report)
    {
        string expected = System.IO.Path.GetFileNameWithoutExtension(path);
        AppArmorSource? source = Load(path, report);
        if (source is null || source.Name == expected)
        {
            return source;
        }

        report.Error("bad-name", SourceLocation.Of(path), $"The file describes the profile '{source.Name}', and a policy that names it looks for '{source.Name}.yaml'. Rename the file or the profile.");
        return null;
    }

    /// <summary>Reads the descriptions that policies name, each once.</summary>
    internal static IReadOnlyDictionary<string, AppArmorSource> LoadAll(IEnumerable<ResolvedPolicy> policies, ProfileFolders folders, LintReport report)
    {
        SortedDictionary<string, AppArmorSource> sources = new(StringComparer.Ordinal);
        foreach (string name in policies.Select(policy => policy.Value<string>(PolicyFields.AppArmorProfile)).OfType<string>().Distinct())
        {
            if (folders.FindAppArmorDescription(name) is { } path && LoadNamed(path, report) is { } source)
            {
                sources.Add(name, source);
            }
        }

        return sources;
    }
}
