namespace Runtime.Hardening.Cli;

/// <summary>A command cannot do what it was asked. The message is the sentence for the person; it ends at the command's edge with exit code 2.</summary>
internal sealed class CliException(string message) : Exception(message);
