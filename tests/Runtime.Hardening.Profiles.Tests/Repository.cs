namespace Runtime.Hardening.Profiles.Tests;

/// <summary>Where the sources are: fixtures and shipped files are read from there.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static byte[] Bundle(string name) => File.ReadAllBytes(Path.Combine(Root, "tests", "Fixtures", "bundles", name + ".json"));

    private static string Find()
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
