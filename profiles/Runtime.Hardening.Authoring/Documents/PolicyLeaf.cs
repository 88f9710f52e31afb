using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>One value of a policy, the unit of inheritance.</summary>
/// <param name="Path">Where it stands below <c>spec</c>: <c>seccomp.profile</c>, <c>rlimits.RLIMIT_NOFILE</c>.</param>
/// <param name="Value">A string, bool, string[], Rlimit or MatchClause[], as the field table says.</param>
/// <param name="Location">Where it was written.</param>
/// <param name="Origin">The name of the policy or base that wrote it.</param>
public sealed record PolicyLeaf(string Path, object Value, SourceLocation Location, string Origin)
{
    /// <summary>The value as one line of JSON: equal values have equal texts.</summary>
    public string Text { get; } = LeafText.Of(Value);
}
