using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.Collector.Journal;

/// <summary>One decision with its place in the journal.</summary>
internal sealed record JournalLine(string Stream, long Sequence, JournalEntry Entry)
{
    /// <summary>The same for the same line however often it is sent.</summary>
    internal string EventId => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Stream}-{Sequence}");
}
