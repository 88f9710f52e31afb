namespace Runtime.Hardening.Cli.Engines;

/// <summary>Something about an engine's set-up that a person has to decide or repair. The message says what, where and how.</summary>
internal sealed class EngineException(int exitCode, string message) : Exception(message)
{
    /// <summary>1: looked, and somebody must decide. 2: could not look or could not write.</summary>
    public int ExitCode { get; } = exitCode;

    public static EngineException Decide(string message) => new(1, message);

    public static EngineException Failed(string message) => new(2, message);
}
