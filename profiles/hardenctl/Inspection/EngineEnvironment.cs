using System.Text;

namespace Runtime.Hardening.Cli.Inspection;

/// <summary>Settings of the framework that a running engine hands down to the hook, and under which the hook does not begin: nobody sees a word of it.</summary>
internal static class EngineEnvironment
{
    public const string Advice = "The hook inherits this from the engine and ends or hangs before its first line, so no container starts. Take it out of the engine's unit and restart the engine.";

    // As the kernel cuts the names of processes.
    private static readonly string[] s_engines = ["containerd", "dockerd", "crio", "podman"];

    private static readonly string[] s_deadly = ["GCHeapHardLimit", "GCRegionSize", "GCRegionRange", "GCLargePages", "DbgEnableMiniDump"];

    /// <summary>The engines that run with such variables, and which; processes that are gone or not ours to see are left out.</summary>
    /// <param name="proc">The mount of procfs.</param>
    public static IEnumerable<(string Process, string Variables)> Find(string proc)
    {
        foreach (string folder in Directory.EnumerateDirectories(proc).Where(f => Path.GetFileName(f).All(char.IsAsciiDigit)))
        {
            string name, text;
            try
            {
                name = File.ReadAllText(Path.Combine(folder, "comm")).TrimEnd('\n');
                if (!s_engines.Contains(name))
                {
                    continue;
                }

                text = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "environ")));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            string[] found = [.. text.Split('\0').Where(IsDeadly)];
            if (found.Length > 0)
            {
                yield return ($"{name} (process {Path.GetFileName(folder)})", string.Join(' ', found));
            }
        }
    }

    private static bool IsDeadly(string variable)
        => !variable.EndsWith("=0", StringComparison.Ordinal) && s_deadly.Any(word => variable.StartsWith($"DOTNET_{word}", StringComparison.OrdinalIgnoreCase));
}
