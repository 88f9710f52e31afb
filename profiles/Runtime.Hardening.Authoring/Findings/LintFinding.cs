namespace Runtime.Hardening.Authoring.Findings;

/// <summary>One mistake, or one doubt, at one place.</summary>
/// <param name="Severity">Whether it stops an apply.</param>
/// <param name="Code">A short stable word for the kind of finding, for machines: <c>unknown-field</c>, <c>missing-profile</c>, ...</param>
/// <param name="Location">Where it is.</param>
/// <param name="Message">What was found, what was expected and what to do, as sentences.</param>
public sealed record LintFinding(LintSeverity Severity, string Code, SourceLocation Location, string Message)
{
    /// <summary>The line a person reads: <c>file:line:column: error: message</c>.</summary>
    public override string ToString()
        => $"{Location}: {(Severity == LintSeverity.Error ? "error" : "warning")}: {Message} [{Code}]";
}
