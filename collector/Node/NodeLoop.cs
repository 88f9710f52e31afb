using Microsoft.Extensions.Logging;
using Runtime.Hardening.Collector.Cgroups;
using Runtime.Hardening.Collector.Containerd;
using Runtime.Hardening.Collector.Exporting;
using Runtime.Hardening.Collector.Journal;
using Runtime.Hardening.Collector.Otlp;
using Runtime.Hardening.Collector.Status;
using Runtime.Hardening.Collector.Verification;

namespace Runtime.Hardening.Collector.Node;

/// <summary>The one loop that owns the containers, reads their cgroups and makes telemetry of what it is told.</summary>
internal sealed class NodeLoop : IDisposable
{
    private readonly NodeContext _context;
    private readonly ContainerTable _table;
    private readonly CgroupSampler _sampler;
    private readonly NodeMetrics _metrics = new();
    private readonly MetricBatch _nodeBatch = new();
    private readonly RequestBuilder _metricRequests;
    private readonly RequestBuilder _logRequests;
    private readonly List<LogEvent> _events = [];
    private string? _containerdVersion, _containerdProblem = "not connected yet", _journalProblem;

    internal NodeLoop(NodeContext context)
    {
        _context = context;
        _table = new ContainerTable(context.OnContainers);
        _sampler = new CgroupSampler(MissingFile);
        _metricRequests = new(context.Metrics.Queue, context.Metrics.Transport.WantsJson);
        _logRequests = new(context.Logs.Queue, context.Logs.Transport.WantsJson);
        _nodeBatch.StartTime = UnixNano.From(context.Clock.GetUtcNow());
    }

    /// <summary>Handles messages until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (NodeMessage message in _context.Inbox.Reader.ReadAllAsync(cancellation))
        {
            Handle(message, cancellation);
            // Together what came together, but never kept waiting: events are sent when there is nothing more to read.
            if (_events.Count >= 256 || !_context.Inbox.Reader.TryPeek(out _))
            {
                FlushEvents(null);
            }
        }
    }

    /// <summary>Handles one message; only for <see cref="RunAsync"/> and for a program that runs once.</summary>
    internal void Handle(NodeMessage message, CancellationToken cancellation)
    {
        switch (message)
        {
            case SnapshotTaken taken:
                Reconcile(taken.Snapshot, cancellation);
                break;
            case ContainerHappened happened:
                Happened(happened, cancellation);
                break;
            case ContainerdStateChanged changed:
                (_containerdVersion, _containerdProblem) = (changed.Version ?? _containerdVersion, changed.Problem);
                break;
            case JournalRead read:
                JournalArrived(read);
                break;
            case VerificationDone done:
                Verified(done);
                break;
            case Tick:
                Sample();
                break;
            case StatusAsked asked:
                asked.Answer.TrySetResult(Status());
                break;
        }
    }

    /// <summary>Queues the events made so far.</summary>
    internal void FlushEvents(Action? delivered)
    {
        if (_events.Count > 0 || delivered is not null)
        {
            _logRequests.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_events));
            _events.Clear();
            _logRequests.Flush(delivered);
        }
    }

    public void Dispose()
    {
        foreach (ContainerState state in _table.All)
        {
            state.Dispose();
        }

        _metricRequests.Dispose();
        _logRequests.Dispose();
    }

    private void Reconcile(ContainerdSnapshot snapshot, CancellationToken cancellation)
    {
        foreach (ContainerIdentity identity in snapshot.Containers)
        {
            ContainerState state = _table.Set(identity);
            if (snapshot.Tasks.TryGetValue((identity.Namespace, identity.Id), out (uint Pid, bool Paused) task))
            {
                state.Paused = task.Paused;
                Attach(state, task.Pid, _context.Clock.GetUtcNow(), cancellation);
            }
            else if (state.Pid != 0)
            {
                End(state);
            }
        }

        foreach (ContainerState gone in _table.MissingFrom(snapshot.Containers))
        {
            End(gone);
            _table.Remove(gone);
        }
    }

    private void Happened(ContainerHappened message, CancellationToken cancellation)
    {
        ContainerEvent happened = message.Event;
        ContainerState? state = message.Identity is { } identity ? _table.Set(identity) : _table.Find(happened.Namespace, happened.Id);
        // A container that came and went before we could ask who it was still has its events.
        TelemetryResource resource = state?.Resource ??
            new([new("container.id", happened.Id), new("containerd.namespace", happened.Namespace), .. _context.OnContainers]);
        if (NodeEvents.Lifecycle(resource, happened, _context.Clock.GetUtcNow()) is { } item)
        {
            _events.Add(item);
        }

        if (state is null)
        {
            return;
        }

        switch (happened.Happening)
        {
            case Happening.Started:
                Attach(state, happened.Pid, happened.Time, cancellation);
                break;
            case Happening.ExecStarted:
                Verify(state, happened.Pid, happened.ExecId, cancellation);
                break;
            case Happening.Paused:
                state.Paused = true;
                break;
            case Happening.Resumed:
                state.Paused = false;
                break;
            case Happening.Exited when happened.ExecId.Length == 0 && happened.Pid == state.Pid:
                End(state);
                break;
            case Happening.ContainerDeleted:
                End(state);
                _table.Remove(state);
                break;
        }
    }

    private void Attach(ContainerState state, uint pid, DateTimeOffset started, CancellationToken cancellation)
    {
        if (state.Attach(pid, started, _context.Proc, _context.CgroupRoot))
        {
            state.Verification = null;
            Verify(state, pid, "", cancellation);
        }
    }

    // Reading back waits for the container's program, so it happens beside the loop and its result comes as a message.
    private void Verify(ContainerState state, uint pid, string execId, CancellationToken cancellation)
    {
        ContainerIdentity identity = state.Identity;
        _ = Task.Run(async () =>
        {
            VerificationResult result = await _context.Verifier.VerifyAsync(identity, pid, cancellation);
            await _context.Inbox.PostAsync(new VerificationDone(identity.Namespace, identity.Id, execId, result), cancellation);
        }, cancellation);
    }

    private void Verified(VerificationDone done)
    {
        ContainerState? state = _table.Find(done.Namespace, done.Id);
        if (state is not null && done.ExecId.Length == 0 && state.Pid == done.Result.Pid)
        {
            state.Verification = done.Result;
        }

        _metrics.CountVerification(done.Result.Verdict.ToString().ToLowerInvariant());
        TelemetryResource resource = state?.Resource ?? new([new("container.id", done.Id), .. _context.OnContainers]);
        _events.Add(NodeEvents.Verification(resource, done.Id, done.ExecId, done.Result, _context.Clock.GetUtcNow()));
    }

    private void JournalArrived(JournalRead read)
    {
        FlushEvents(null); // the batch below is delivered on its own account
        _metrics.Lost += read.Lost;
        _metrics.Malformed += read.Malformed;
        _metrics.Unwritten += read.Unwritten;
        _journalProblem = read.Problem;
        DateTimeOffset now = _context.Clock.GetUtcNow();
        foreach (JournalLine line in read.Lines)
        {
            _metrics.CountDecision(line.Entry.Decision, line.Entry.Verb);
            TelemetryResource resource = _table.FindByRoot(line.Entry.Root, line.Entry.Id)?.Resource ?? NodeEvents.ResourceOf(line.Entry);
            _events.Add(NodeEvents.Decision(resource, line, now));
        }

        if (read.Lost > 0)
        {
            _events.Add(NodeEvents.Node(_context.Node, "hardening.journal.lost", $"{read.Lost} journal lines were pruned before they could be read.", now,
                new TelemetryAttribute("hardening.journal.lost.count", read.Lost)));
        }

        if (read.Unwritten > 0)
        {
            _events.Add(NodeEvents.Node(_context.Node, "hardening.journal.unwritten",
                $"{read.Unwritten} decisions could not be written into the journal; most often its disk is full. What was decided still holds; make room.", now,
                new TelemetryAttribute("hardening.journal.unwritten.count", read.Unwritten)));
        }

        _logRequests.Keep = true;
        FlushEvents(read.Delivered);
        _logRequests.Keep = false;
    }

    private void Sample()
    {
        DateTimeOffset now = _context.Clock.GetUtcNow();
        int running = 0;
        foreach (ContainerState state in _table.All)
        {
            if (state.Pid == 0)
            {
                continue;
            }

            running++;
            if (state.TrySample(_sampler, now))
            {
                _metricRequests.Add(state.Resource, state.Batch);
            }
        }

        _metrics.Write(_nodeBatch, running, _context.Metrics.Queue, _context.Logs.Queue);
        _nodeBatch.Time = UnixNano.From(now);
        _metricRequests.Add(_context.Node, _nodeBatch);
        _metricRequests.Flush();
    }

    // One last point for each series, with the flag that ends it.
    private void End(ContainerState state)
    {
        if (state.Batch.Count > 0)
        {
            state.Batch.Ended = true;
            state.Batch.Time = UnixNano.From(_context.Clock.GetUtcNow());
            _metricRequests.Add(state.Resource, state.Batch);
            state.Batch.Clear();
            state.Batch.Ended = false;
        }

        state.Detach();
    }

    private void MissingFile(string file, string reason)
    {
        _context.Logger.NodeProblem($"cgroup file {file} is skipped on this node: {reason}.");
        _events.Add(NodeEvents.Node(_context.Node, "hardening.cgroup.file_skipped", $"{file}: {reason}.", _context.Clock.GetUtcNow(),
            new TelemetryAttribute("file.name", file)));
    }

    private NodeStatus Status() => NodeStatus.From(
        _context, _table.All, _sampler.Problems, _metrics, _containerdVersion, _containerdProblem, _journalProblem);
}
