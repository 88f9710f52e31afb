using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Seccomp.Recording;

/// <summary>The system calls that a program was seen to make.</summary>
/// <param name="File">Where they were written down.</param>
/// <param name="Counts">How often each was seen; at least 1, also where nobody counted.</param>
public sealed record SyscallRecording(string File, IReadOnlyDictionary<string, ulong> Counts)
{
    /// <summary>
    /// Reads a recording: a JSON document with <c>syscalls</c>, JSON lines, an OCI profile (what it allows), a list of names, or what strace printed.
    /// </summary>
    /// <returns>Null after a finding.</returns>
    public static SyscallRecording? Load(string path, LintReport report)
    {
        if (ProfileDocument.ReadBytes(path, report) is not { } bytes || TextSource.Decode(path, bytes, report) is not { } text)
        {
            return null;
        }

        int before = report.ErrorCount;
        RecordedCalls calls = new(path, report);
        ReadOnlySpan<char> start = text.AsSpan().TrimStart();
        if (start.StartsWith("{") || (start.StartsWith("[") && !start.StartsWith("[pid ")))   // strace -f begins lines so
        {
            JsonRecording.Read(bytes, text, calls);
        }
        else
        {
            TextRecording.Read(text, calls);
        }

        if (report.ErrorCount == before && calls.Counts.Count == 0)
        {
            report.Error("empty-recording", SourceLocation.Of(path), "The recording holds no system call. Record the program while it does its work.");
        }

        return report.ErrorCount > before ? null : new SyscallRecording(path, calls.Counts);
    }
}
