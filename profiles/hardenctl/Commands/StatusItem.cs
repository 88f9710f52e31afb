namespace Runtime.Hardening.Cli.Commands;

/// <summary>A row of <c>hardenctl node status</c>.</summary>
/// <param name="Name">What is looked at.</param>
/// <param name="Value">What was found.</param>
/// <param name="Problem">What a person should look at, or null.</param>
internal sealed record StatusItem(string Name, string Value, string? Problem);
