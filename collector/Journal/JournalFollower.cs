using Microsoft.Extensions.Logging;
using Runtime.Hardening.Collector.Node;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.Collector.Journal;

/// <summary>
/// Brings the journal's lines to the node's loop, one batch at a time: the next is read when the last was delivered, and the cursor
/// moves then. So a line is sent at least once, and while the receiver is away the journal itself is the store.
/// </summary>
internal sealed class JournalFollower : IDisposable
{
    private const int BatchLines = 256;

    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(500);

    private readonly NodeInbox _inbox;
    private readonly ILogger _logger;
    private readonly JournalCursor _cursor;
    private readonly Dictionary<string, JournalStream> _streams;
    private string? _problem;
    private long _lostReported, _malformedReported, _unwrittenReported;

    internal JournalFollower(string journal, string state, NodeInbox inbox, ILogger logger)
    {
        (_inbox, _logger, _cursor) = (inbox, logger, new JournalCursor(state));
        Dictionary<string, long> next = [];
        try
        {
            next = _cursor.Load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Note($"the cursor in {state} cannot be read ({e.Message}); lines may be sent again");
        }

        string[] names = [JournalSegment.Refusals, JournalSegment.Decisions];
        _streams = names.ToDictionary(name => name, name => new JournalStream(
            journal, name, next.TryGetValue(name, out long at) ? at : null, next.GetValueOrDefault(UnwrittenOf(name))));
    }

    /// <summary>Follows until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (!await StepAsync(cancellation))
            {
                await Task.Delay(s_pollInterval, cancellation);
            }
        }
    }

    /// <summary>Reads and delivers one batch. False: there was nothing new.</summary>
    internal async Task<bool> StepAsync(CancellationToken cancellation)
    {
        List<JournalLine> lines = [];
        try
        {
            foreach (JournalStream stream in _streams.Values)
            {
                stream.Read(lines, BatchLines);
            }

            _problem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Note(e.Message);
        }

        long lost = _streams.Values.Sum(stream => stream.Lost), malformed = _streams.Values.Sum(stream => stream.Malformed);
        long unwritten = _streams.Values.Sum(stream => stream.Unwritten);
        if (lines.Count == 0 && (lost, malformed, unwritten) == (_lostReported, _malformedReported, _unwrittenReported))
        {
            return false;
        }

        var delivered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _inbox.PostAsync(
            new JournalRead(lines, lost - _lostReported, malformed - _malformedReported, unwritten - _unwrittenReported, _problem, delivered.SetResult), cancellation);
        (_lostReported, _malformedReported, _unwrittenReported) = (lost, malformed, unwritten);
        await delivered.Task.WaitAsync(cancellation);
        Save();
        return lines.Count > 0;
    }

    public void Dispose()
    {
        foreach (JournalStream stream in _streams.Values)
        {
            stream.Dispose();
        }
    }

    private void Save()
    {
        try
        {
            _cursor.Save(_streams.Where(stream => stream.Value.Next is not null).SelectMany(stream => new[]
            {
                KeyValuePair.Create(stream.Key, stream.Value.Next!.Value), KeyValuePair.Create(UnwrittenOf(stream.Key), stream.Value.UnwrittenSeen),
            }));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Note($"the cursor cannot be saved ({e.Message}); after a restart lines will be sent again");
        }
    }

    private static string UnwrittenOf(string stream) => $"{stream}.unwritten";

    private void Note(string problem)
    {
        if (problem != _problem)
        {
            _problem = problem;
            _logger.JournalProblem(problem);
        }
    }
}
