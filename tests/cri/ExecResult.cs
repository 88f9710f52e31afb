namespace Runtime.Hardening.Cri;

/// <summary>What a command in a container said, and its exit code.</summary>
/// <param name="ExitCode">The command's exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public sealed record ExecResult(int ExitCode, string Output, string Error);
