namespace Runtime.Hardening.Hook;

/// <summary>The container or process does not start. The message is for whoever asked for it.</summary>
internal sealed class Refusal(string message) : Exception(message);
