using Runtime.Hardening.Authoring.Documents;

namespace Runtime.Hardening.Authoring.Tests;

/// <summary>The files that are shipped, where the sources have them.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Profiles => Path.Combine(Root, "profiles");

    public static ProfileFolders Folders => new([Profiles]);

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Runtime.Hardening.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("The tests run from a checkout: Runtime.Hardening.sln was not found above " + AppContext.BaseDirectory);
    }
}
