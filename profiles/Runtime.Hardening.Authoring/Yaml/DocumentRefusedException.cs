using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Yaml;

/// <summary>Leaves the tree builder when a document cannot be read on; becomes a finding there and goes no further.</summary>
internal sealed class DocumentRefusedException(string code, SourceLocation location, string message) : Exception(message)
{
    public string Code { get; } = code;

    public SourceLocation Location { get; } = location;
}
