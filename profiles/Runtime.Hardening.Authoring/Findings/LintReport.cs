namespace Runtime.Hardening.Authoring.Findings;

/// <summary>Collects findings. Checks add to it and go on, so that a person sees every mistake in one run.</summary>
public sealed class LintReport
{
    // A generated file can hold a mistake a line. Beyond this nobody reads on, and the count still tells the truth.
    internal const int KeptFindings = 2000;

    private readonly List<LintFinding> _findings = [];

    /// <summary>How many findings were not kept because there were too many.</summary>
    public int Dropped { get; private set; }

    /// <summary>How many errors were reported, also of those that were not kept.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>True when at least one error was reported.</summary>
    public bool HasErrors => ErrorCount > 0;

    /// <summary>True when something could not even be read, so that the other findings do not tell the whole story.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>The findings in the order of files and lines, each once.</summary>
    public IReadOnlyList<LintFinding> Findings
        => [.. _findings.Distinct()
            .OrderBy(f => f.Location.File, StringComparer.Ordinal)
            .ThenBy(f => f.Location.Line)
            .ThenBy(f => f.Location.Column)
            .ThenBy(f => f.Severity)];

    internal void Error(string code, SourceLocation location, string message)
        => Add(new LintFinding(LintSeverity.Error, code, location, message));

    internal void CannotRead(string code, SourceLocation location, string message)
    {
        IsIncomplete = true;
        Error(code, location, message);
    }

    internal void Warning(string code, SourceLocation location, string message)
        => Add(new LintFinding(LintSeverity.Warning, code, location, message));

    /// <summary>Takes over what another report found, but for what is not wanted.</summary>
    internal void Take(LintReport other, Predicate<LintFinding> isWanted)
    {
        foreach (LintFinding finding in other.Findings.Where(f => isWanted(f)))
        {
            Add(finding);
        }

        // What was not kept there still counts here.
        Dropped += other.Dropped;
        ErrorCount += Math.Max(0, other.ErrorCount - other._findings.Count(f => f.Severity == LintSeverity.Error));
        IsIncomplete |= other.IsIncomplete;
    }

    private void Add(LintFinding finding)
    {
        if (finding.Severity == LintSeverity.Error)
        {
            ErrorCount++;
        }

        if (_findings.Count < KeptFindings)
        {
            _findings.Add(finding);
        }
        else
        {
            Dropped++;
        }
    }
}
