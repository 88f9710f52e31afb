namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>The published native programs, never the managed build: what a node runs is what is tested.</summary>
public static class Published
{
    public static string Repository { get; } = FindRepository();

    public static string Folder { get; } = Environment.GetEnvironmentVariable("HARDENING_PUBLISH") ?? Path.Combine(Repository, "publish");

    public static string Hook => Require("hardening-hook");

    public static string Hardenctl => Require("hardenctl");

    public static string Hardeningd => Require("hardeningd");

    private static string Require(string name)
    {
        string path = Path.Combine(Folder, name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} not found. Publish the programs first: packaging/publish.sh");
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Runtime.Hardening.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Runtime.Hardening.sln above {AppContext.BaseDirectory}.");
    }
}
