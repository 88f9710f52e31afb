namespace Runtime.Hardening.Collector.Settings;

/// <summary>The settings cannot be used; the message names every mistake with its place. The node's engineer acts.</summary>
internal sealed class SettingsException(IReadOnlyList<string> mistakes) : Exception(string.Join(Environment.NewLine, mistakes))
{
    internal IReadOnlyList<string> Mistakes { get; } = mistakes;
}
