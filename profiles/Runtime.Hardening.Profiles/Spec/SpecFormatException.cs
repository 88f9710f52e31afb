namespace Runtime.Hardening.Profiles.Spec;

/// <summary>A spec cannot be read, or runtimes would disagree on what it says. The engine is at fault, and no container may start from it.</summary>
public sealed class SpecFormatException(string message) : HardeningFormatException(message);
