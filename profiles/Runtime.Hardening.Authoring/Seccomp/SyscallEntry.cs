using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>One syscall of one entry of <c>syscalls</c>, with what decides whether it clashes with another.</summary>
/// <param name="Name">The system call.</param>
/// <param name="Outcome">Action and errno: rules with equal outcomes never contradict each other.</param>
/// <param name="Conditions">The sorted argument conditions as one text; empty for an unconditional rule.</param>
/// <param name="Location">Where the name stands.</param>
internal sealed record SyscallEntry(string Name, string Outcome, string Conditions, SourceLocation Location);
