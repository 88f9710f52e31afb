namespace Runtime.Hardening.Cli;

/// <summary>The promise of every command to scripts.</summary>
internal enum CliExit
{
    /// <summary>Done, and nothing to say.</summary>
    Fine = 0,

    /// <summary>Done, and there is something to look at: findings, differences, a refusal.</summary>
    Findings = 1,

    /// <summary>It could not be done.</summary>
    Failed = 2,
}
