namespace Runtime.Hardening.Cli.Engines;

/// <summary>
/// The files that make up containerd's configuration, and the one of them that an edit has to go to. That is not always the main
/// one: containerd 1.6 and 1.7 let a plugin section of an imported file replace the main file's whole section of that plugin, so an
/// edit above it would have no effect; and a drop-in of ours would itself erase everything there. containerd 2.x merges.
/// </summary>
internal sealed class ContainerdFiles
{
    private const string DropInName = "99-hardening.toml";
    private readonly List<(ConfigFile File, int Depth)> _all;

    private ContainerdFiles(string main, ConfigFile target, bool ownFile, List<(ConfigFile, int)> all)
    {
        Main = main;
        Target = target;
        IsOwnFile = ownFile;
        _all = all;
    }

    /// <summary>What containerd is started with.</summary>
    public string Main { get; }

    /// <summary>The file to edit.</summary>
    public ConfigFile Target { get; }

    /// <summary>True if the whole target is ours: a drop-in.</summary>
    public bool IsOwnFile { get; }

    public static ContainerdFiles Load(string main, ContainerdSettings effective)
    {
        List<(ConfigFile File, int Depth)> all = [];
        Collect(main, 0, all);
        ConfigFile first = all[0].File;
        if (effective.Version < 3)
        {
            // 1.x lists in its dump what it really read: 1.6 looks for relative patterns in its working folder, not beside the main file.
            HashSet<string> read = [.. effective.Imports.Select(i => ConfigFile.Resolve(Absolute(main, i)))];
            all.RemoveAll(f => f.Depth > 0 && !read.Contains(f.File.Path));
            (ConfigFile file, int depth) = all.FindLast(f => f.Depth == 0 || f.File.Text.Declares("plugins", effective.Plugin));
            if (depth > 1)
            {
                throw EngineException.Decide($"The CRI section in effect is in '{file.Path}', which an imported file imports. Move that section to '{main}' "
                    + "or to a file that it imports itself, then run this again.");
            }

            return new ContainerdFiles(main, file, ownFile: false, all);
        }

        // A drop-in only where the main file is of version 3: containerd 2.1 ignores an import whose version is not the main file's, and says nothing.
        if (first.Version >= 3 && effective.Imports.Select(i => Absolute(main, i)).FirstOrDefault(IsFolderPattern) is { } pattern)
        {
            return new ContainerdFiles(main, ConfigFile.Read(Path.Combine(Path.GetDirectoryName(pattern)!, DropInName)), ownFile: true, all);
        }

        return new ContainerdFiles(main, first, ownFile: false, all);
    }

    /// <summary>Asks containerd what it would make of these bytes in the target's place, without touching anything that it reads.</summary>
    public ContainerdSettings Try(ContainerdProgram containerd, ReadOnlySpan<byte> bytes)
    {
        List<string> staged = [];
        string[] missing = [.. MissingFolders(Target.Path)];
        try
        {
            staged.Add(AtomicReplace.Stage(Target.Path, bytes));
            if (Target.Path != _all[0].File.Path)
            {
                // containerd must read the candidate instead of the file that the main one imports: so a copy of the main file, with its imports spelled out.
                IEnumerable<string> others = _all.Where(f => f.Depth == 1 && f.File.Path != Target.Path).Select(f => f.File.Path);
                staged.Add(AtomicReplace.Stage(_all[0].File.Path, ConfigFile.Encode(WithImports(_all[0].File.Text, [.. others, staged[0]]))));
            }

            return containerd.Effective(staged[^1]);
        }
        finally
        {
            staged.ForEach(File.Delete);
            Array.ForEach([.. missing.Where(Directory.Exists)], Directory.Delete);
        }
    }

    // The folders on the way to a file that are not there, the innermost first: a trial makes them, and must leave nothing.
    private static IEnumerable<string> MissingFolders(string path)
    {
        for (string? folder = Path.GetDirectoryName(path); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    private static string WithImports(TomlText main, IEnumerable<string> imports)
    {
        string list = TomlWriter.Value(imports.Cast<object>().ToList());
        return main.FindKey("imports") is { } key
            ? main.Text[..key.ValueStart] + list + main.Text[key.ValueEnd..]
            : $"imports = {list}{main.Newline}{main.Text}";
    }

    private static void Collect(string path, int depth, List<(ConfigFile File, int Depth)> all)
    {
        ConfigFile file = ConfigFile.Read(path);
        if (all.Any(f => f.File.Path == file.Path))
        {
            return;
        }

        all.Add((file, depth));
        if (file.Text.Tree.TryGetValue("imports", out object? value) && value is List<object> imports)
        {
            foreach (string import in imports.OfType<string>().Select(i => Absolute(path, i)).SelectMany(Expand))
            {
                Collect(import, depth + 1, all);
            }
        }
    }

    private static string Absolute(string main, string import) => Path.GetFullPath(import, Path.GetDirectoryName(Path.GetFullPath(main))!);

    private static bool IsFolderPattern(string import) => Path.GetFileName(import) == "*.toml" && !Path.GetDirectoryName(import)!.Contains('*');

    private static IEnumerable<string> Expand(string import)
    {
        string folder = Path.GetDirectoryName(import)!;
        if (folder.AsSpan().IndexOfAny("*?[") >= 0 || Path.GetFileName(import.AsSpan()).Contains('['))
        {
            throw EngineException.Decide($"imports has the pattern '{import}', whose wildcards stand in a folder's name or in brackets. "
                + "Name the folder in full and use only * and ? in the file's name, then run this again.");
        }

        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Path.GetFileName(import)).Order(StringComparer.Ordinal) : [];
    }
}
