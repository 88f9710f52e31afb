using System.Diagnostics;

namespace Runtime.Hardening.Cli.Engines;

/// <summary>The node's containerd binary, asked what it makes of a configuration. It is never told to run anything.</summary>
internal sealed class ContainerdProgram(string path)
{
    /// <summary>Absolute path of the binary.</summary>
    public string Path { get; } = path;

    /// <exception cref="EngineException">No such program.</exception>
    public static ContainerdProgram Find(string nameOrPath)
        => new(Programs.Find(nameOrPath) ?? throw EngineException.Failed(
            $"containerd: '{nameOrPath}' is not on this node (looked in PATH and the usual folders). Give its path with --containerd."));

    /// <summary>What containerd really uses after defaults, imports and migration of old versions.</summary>
    /// <param name="config">The main file; need not be the one in use.</param>
    /// <exception cref="EngineException">containerd does not accept the file; its own words are in the message.</exception>
    public ContainerdSettings Effective(string config)
    {
        (int exitCode, string output, string error) = Programs.Run(Path, "--config", config, "config", "dump");
        if (exitCode != 0)
        {
            throw EngineException.Failed($"containerd does not accept '{config}' (exit code {exitCode}): {error.Trim()}");
        }

        return new ContainerdSettings(TomlText.Parse(output, "output of containerd config dump").Tree);
    }
}

/// <summary>Starts other programs and finds them.</summary>
internal static class Programs
{
    private static readonly string[] UsualFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>A path as it is if it exists; a bare name looked up in PATH, then in the folders that a service's PATH has. Null: not found.</summary>
    public static string? Find(string nameOrPath)
    {
        if (nameOrPath.Contains('/'))
        {
            return File.Exists(nameOrPath) ? System.IO.Path.GetFullPath(nameOrPath) : null;
        }

        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), .. UsualFolders];
        return folders.Select(f => System.IO.Path.Combine(f, nameOrPath)).FirstOrDefault(File.Exists);
    }

    public static (int ExitCode, string Output, string Error) Run(string program, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using Process process = Process.Start(start) ?? throw EngineException.Failed($"Could not start '{program}'.");
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
