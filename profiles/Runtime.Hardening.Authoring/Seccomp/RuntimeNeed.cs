namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>System calls that a runtime makes itself after the filter is loaded.</summary>
/// <param name="Who">The runtime and the setting, as a sentence begins.</param>
/// <param name="Calls">Their names.</param>
public sealed record RuntimeNeed(string Who, IReadOnlyList<string> Calls);
