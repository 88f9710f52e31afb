namespace Runtime.Hardening.Authoring.Store;

/// <summary>What the hook decides by.</summary>
/// <param name="Generation">The generation, or null: then <c>whenBroken</c> says what happens.</param>
/// <param name="Problem">Why it is not the current one, or null.</param>
public sealed record GenerationInForce(GenerationFolder? Generation, string? Problem);
