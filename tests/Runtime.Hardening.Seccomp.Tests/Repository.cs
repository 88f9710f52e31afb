namespace Runtime.Hardening.Seccomp.Tests;

/// <summary>Where the sources are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

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
