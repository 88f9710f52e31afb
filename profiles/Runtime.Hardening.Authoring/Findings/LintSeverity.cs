namespace Runtime.Hardening.Authoring.Findings;

/// <summary>How much a finding matters.</summary>
public enum LintSeverity
{
    /// <summary>Nothing is written while one of these stands.</summary>
    Error,

    /// <summary>Legal, and probably not what was meant. It does not stop an apply.</summary>
    Warning,
}
