using System.Diagnostics;
using System.Text;

namespace Runtime.Hardening.Authoring.AppArmor.Kernel;

/// <summary>apparmor_parser, which compiles profile text. The text goes through its standard input, so no file is left anywhere.</summary>
public static class AppArmorParser
{
    // Ordinary profiles take well under a second. At boot all of them share the time of hardening-apparmor.service, and one that compiles for ever must
    // not keep the ones behind it out of the kernel.
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Compiles a text without touching the kernel.</summary>
    /// <returns>What the parser has against it, or null.</returns>
    /// <exception cref="IOException">The parser cannot be run.</exception>
    public static string? Check(string parser, string text) => Run(parser, text, Patience, "--skip-kernel-load", "--skip-cache");

    /// <summary>Puts a profile into the kernel, in place of one of the same name.</summary>
    /// <returns>What the parser or the kernel has against it, or null.</returns>
    /// <exception cref="IOException">The parser cannot be run.</exception>
    public static string? Load(string parser, string text) => Run(parser, text, Patience, "--replace", "--skip-cache");

    internal static string? Run(string parser, string text, TimeSpan patience, params string[] options)
    {
        ProcessStartInfo start = new(parser, options) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        Process? started;
        try
        {
            started = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException($"'{parser}' cannot be run: {e.Message}", e);
        }

        using Process process = started!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        // Beside waiting, because a parser that hangs reads nothing either.
        Task input = Task.Run(() => Feed(process, text));
        if (!process.WaitForExit(patience))
        {
            process.Kill(entireProcessTree: true);
            return $"{parser} did not end within {patience.TotalSeconds:0} s. Patterns with ** and several ? in one path can take it that long: simplify those paths of the description, or take it away";
        }

        input.Wait();

        return process.ExitCode == 0 ? null : Shortened($"{errors.GetAwaiter().GetResult()} {output.GetAwaiter().GetResult()}", process.ExitCode);
    }

    private static void Feed(Process process, string text)
    {
        try
        {
            process.StandardInput.BaseStream.Write(Encoding.UTF8.GetBytes(text));
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read all of it; what it said tells why.
        }
    }

    // Warnings about caches and features are of no use to whoever waits for the reason.
    private static string Shortened(string said, int code)
    {
        string[] lines = [.. said.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith("Cache read/write disabled", StringComparison.Ordinal))];
        string words = string.Join(" ", lines);
        return words.Length == 0 ? $"apparmor_parser ended with exit code {code}" : words.Length <= 500 ? words : words[..500] + "...";
    }
}
