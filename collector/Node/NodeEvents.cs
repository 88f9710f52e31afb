using Runtime.Hardening.Collector.Containerd;
using Runtime.Hardening.Collector.Journal;
using Runtime.Hardening.Collector.Otlp;
using Runtime.Hardening.Collector.Verification;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.Collector.Node;

/// <summary>Puts what happened into log records.</summary>
internal static class NodeEvents
{
    private const int MaxDetails = 32; // per record; a spec with more changes than that is told by its count

    /// <summary>One decision of the hook.</summary>
    internal static LogEvent Decision(TelemetryResource resource, JournalLine line, DateTimeOffset observed)
    {
        JournalEntry entry = line.Entry;
        List<TelemetryAttribute> attributes =
        [
            new("event.id", line.EventId),
            new("hardening.decision", entry.Decision),
            new("hardening.verb", entry.Verb),
            new("hardening.engine", entry.Engine),
            new("hardening.generation", entry.Generation),
            new("hardening.policies", entry.Policies),
        ];
        if (entry.Weaker)
        {
            attributes.Add(new("hardening.weaker", true));
        }

        if (entry.Changes.Length > 0)
        {
            attributes.Add(new("hardening.change.count", entry.Changes.Length));
            attributes.Add(new("hardening.changes",
                entry.Changes.Take(MaxDetails).Select(c => $"{c.Path}: {c.Before} -> {c.After} ({c.Rule}, {c.Policy})").ToArray()));
        }

        if (entry.Findings.Length > 0)
        {
            attributes.Add(new("hardening.finding.count", entry.Findings.Length));
            attributes.Add(new("hardening.findings",
                entry.Findings.Take(MaxDetails).Select(f => $"{f.Outcome} {f.Rule} ({f.Policy}): {f.Message}").ToArray()));
        }

        return new(resource, "container.hardening.decision", SeverityOf(entry), entry.Time, observed, Sentence(entry), attributes);
    }

    /// <summary>A step in a container's life.</summary>
    internal static LogEvent? Lifecycle(TelemetryResource resource, ContainerEvent happened, DateTimeOffset observed)
    {
        string? name = happened.Happening switch
        {
            Happening.ContainerCreated => "created",
            Happening.Started => "started",
            Happening.ExecStarted => "exec_started",
            Happening.Exited => happened.ExecId.Length == 0 ? "exited" : "exec_exited",
            Happening.Oom => "oom",
            Happening.Paused => "paused",
            Happening.Resumed => "resumed",
            Happening.ContainerDeleted => "deleted",
            _ => null,
        };
        if (name is null)
        {
            return null;
        }

        List<TelemetryAttribute> attributes = [];
        if (happened.Pid > 0)
        {
            attributes.Add(new("process.pid", happened.Pid));
        }

        if (happened.ExecId.Length > 0)
        {
            attributes.Add(new("container.exec.id", happened.ExecId));
        }

        if (happened.Happening == Happening.Exited)
        {
            attributes.Add(new("process.exit.code", happened.ExitCode));
        }

        Severity severity = happened.Happening == Happening.Oom ? Severity.Error : Severity.Info;
        string body = $"Container {happened.Id} in {happened.Namespace}: {name.Replace('_', ' ')}.";
        return new(resource, $"container.lifecycle.{name}", severity, happened.Time, observed, body, attributes);
    }

    /// <summary>What reading back a process told.</summary>
    internal static LogEvent Verification(TelemetryResource resource, string id, string execId, VerificationResult result, DateTimeOffset now)
    {
        List<TelemetryAttribute> attributes = [new("process.pid", result.Pid)];
        if (execId.Length > 0)
        {
            attributes.Add(new("container.exec.id", execId));
        }

        if (result.Record is { } record)
        {
            attributes.Add(new("hardening.decision", record.Decision));
            attributes.Add(new("hardening.generation", record.Generation));
            attributes.Add(new("hardening.policies", record.Policies));
        }

        if (result.Differences.Count > 0)
        {
            attributes.Add(new("hardening.differences", result.Differences.ToArray()));
        }

        if (result.Seen is { } seen)
        {
            attributes.Add(new("process.seccomp.mode", seen.Seccomp));
            attributes.Add(new("process.no_new_privs", seen.NoNewPrivileges));
            if (seen.SeccompFilters is { } filters)
            {
                attributes.Add(new("process.seccomp.filters", filters));
            }
        }

        string name = result.Verdict switch
        {
            Verdict.Verified => "verified",
            Verdict.Mismatch => "mismatch",
            Verdict.Unmanaged => "unmanaged",
            _ => "unverified",
        };
        string who = execId.Length > 0 ? $"Exec {execId} in container {id}" : $"Container {id}";
        return new(resource, $"container.hardening.{name}", result.Verdict == Verdict.Mismatch ? Severity.Warn : Severity.Info, now, now,
            $"{who}: {result.Message}.", attributes);
    }

    /// <summary>Something about the node itself.</summary>
    internal static LogEvent Node(TelemetryResource node, string name, string sentence, DateTimeOffset now, params TelemetryAttribute[] attributes) =>
        new(node, name, Severity.Warn, now, now, sentence, attributes);

    /// <summary>A resource for a container of an engine that we only know from the journal.</summary>
    internal static TelemetryResource ResourceOf(JournalEntry entry)
    {
        List<TelemetryAttribute> attributes = [new("container.id", entry.Id), new("container.runtime.name", entry.Engine)];
        void Add(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                attributes.Add(new(key, value));
            }
        }

        Add("k8s.namespace.name", entry.Facts?.Namespace);
        Add("k8s.pod.name", entry.Facts?.Pod);
        Add("k8s.container.name", entry.Facts?.Container);
        Add("container.name", entry.Facts?.Container);
        attributes.AddRange(ContainerIdentity.ImageAttributes(entry.Facts?.Image ?? ""));
        return new(attributes);
    }

    private static Severity SeverityOf(JournalEntry entry) => entry.Decision switch
    {
        JournalDecision.Refuse => Severity.Error,
        JournalDecision.PassThrough => Severity.Warn,
        _ => entry.Findings.Length > 0 ? Severity.Warn : Severity.Info,
    };

    private static string Sentence(JournalEntry entry) => entry.Message.Length > 0
        ? entry.Message
        : entry.Decision == JournalDecision.Unmatched
            ? $"No policy matched {entry.Verb} of {entry.Id}."
            : $"{entry.Decision} {entry.Verb} of {entry.Id}: {entry.Changes.Length} changes by {string.Join(", ", entry.Policies)}.";
}
