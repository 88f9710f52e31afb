using System.Diagnostics;
using System.Text;

namespace Runtime.Hardening.Authoring.Tests.AppArmor;

/// <summary>What apparmor_parser makes of a text.</summary>
internal static class Compiled
{
    public const string Parser = "/usr/sbin/apparmor_parser";
    public const string NoParser = "apparmor_parser is not installed: install the package apparmor";

    // What a kernel with AppArmor mediates: this machine may have one without, and then the parser would leave out all rules but those for files.
    private const string Features = "/usr/share/apparmor-features/features";

    public static bool HasParser => File.Exists(Parser);

    /// <summary>The compiled policy, or what the parser said against the text.</summary>
    public static (byte[]? Policy, string Errors) Try(string text)
    {
        using Process parser = Process.Start(new ProcessStartInfo(Parser, ["-Q", "-K", "-S", "-M", Features]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = parser.StandardError.ReadToEndAsync();
        using MemoryStream compiled = new();
        Task copied = parser.StandardOutput.BaseStream.CopyToAsync(compiled);
        parser.StandardInput.BaseStream.Write(Encoding.UTF8.GetBytes(text));
        parser.StandardInput.Close();
        Task.WaitAll(errors, copied);
        parser.WaitForExit();
        return (parser.ExitCode == 0 ? compiled.ToArray() : null, errors.Result);
    }

    public static byte[] Of(string text)
    {
        (byte[]? policy, string errors) = Try(text);
        return policy ?? throw new InvalidOperationException($"{errors}\n{text}");
    }

    /// <summary>The automaton of files.</summary>
    public static PolicyDfa Files(string text) => PolicyDfa.AllIn(Of(text))[^1];

    /// <summary>The automaton of everything else.</summary>
    public static PolicyDfa Other(string text) => PolicyDfa.AllIn(Of(text))[0];
}
