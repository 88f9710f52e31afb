using Runtime.Hardening.Profiles.Edits;

namespace Runtime.Hardening.Profiles.Decisions;

/// <summary>What becomes of one container. A refusal is an outcome, not an exception.</summary>
public sealed class PolicyDecision
{
    /// <summary>What happens.</summary>
    public required DecisionOutcome Outcome { get; init; }

    /// <summary>What is changed; empty unless the outcome is <see cref="DecisionOutcome.Allow"/>.</summary>
    public EditList Edits { get; init; } = new();

    /// <summary>What was seen.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The enforced policies that matched, in the order of their names; for an allow only those that were applied.</summary>
    public string[] Policies { get; init; } = [];

    /// <summary>What the applied policies bound, for the container's record; null when they bound nothing.</summary>
    public Spec.ResourceBounds? Resources { get; init; }

    /// <summary>The sentence for whoever started the container; empty for an allow.</summary>
    public string Message { get; init; } = "";

    /// <summary>Collects what the rules say.</summary>
    public sealed class Builder
    {
        private readonly List<Finding> _findings = [];

        /// <summary>The edits so far.</summary>
        public EditList Edits { get; } = new();

        /// <summary>The findings so far.</summary>
        public IReadOnlyList<Finding> Findings => _findings;

        /// <summary>Policies that cannot be applied to this container.</summary>
        public HashSet<string> Failed { get; } = [];

        /// <summary>Adds a finding that follows from a requirement.</summary>
        public void Find(RuleId rule, string policies, FindingOutcome outcome, string message) => _findings.Add(new Finding(rule, policies, outcome, message));

        /// <summary>Says that policies cannot be applied as a whole.</summary>
        public void Fail(RuleId rule, IEnumerable<string> policies, string message)
        {
            string[] names = [.. policies];
            Failed.UnionWith(names);
            Find(rule, string.Join(", ", names), FindingOutcome.Error, message);
        }
    }
}

/// <summary>What happens to a container.</summary>
public enum DecisionOutcome
{
    /// <summary>It starts with the edits.</summary>
    Allow,

    /// <summary>No policy matched: it starts as the engine described it.</summary>
    Unmatched,

    /// <summary>It does not start.</summary>
    Refuse,

    /// <summary>It starts as the engine described it, although policies matched.</summary>
    PassThrough,
}
