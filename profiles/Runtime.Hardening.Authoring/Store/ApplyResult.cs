namespace Runtime.Hardening.Authoring.Store;

/// <summary>What an apply did.</summary>
/// <param name="Generation">The generation in force now.</param>
/// <param name="Before">The one in force before, or null.</param>
/// <param name="Policies">How many policies it has.</param>
/// <param name="Pruned">Generations that were removed.</param>
/// <param name="NotPruned">Why old generations were kept although there are too many, or null.</param>
public sealed record ApplyResult(string Generation, string? Before, int Policies, IReadOnlyList<string> Pruned, string? NotPruned)
{
    /// <summary>False when the set was in force already and nothing was written.</summary>
    public bool IsChanged => Generation != Before;
}
