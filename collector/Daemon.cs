using Microsoft.Extensions.Logging;
using Runtime.Hardening.Collector.Cgroups;
using Runtime.Hardening.Collector.Containerd;
using Runtime.Hardening.Collector.Exporting;
using Runtime.Hardening.Collector.Journal;
using Runtime.Hardening.Collector.Node;
using Runtime.Hardening.Collector.Otlp;
using Runtime.Hardening.Collector.Settings;
using Runtime.Hardening.Collector.Status;
using Runtime.Hardening.Collector.Verification;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Settings;

namespace Runtime.Hardening.Collector;

/// <summary>The parts of the daemon, wired.</summary>
internal sealed class Daemon : IDisposable
{
    // Metrics may lose resolution, so they get little; events are kept longer.
    private const long MetricQueueBytes = 32 * 1024 * 1024, LogQueueBytes = 16 * 1024 * 1024;

    private readonly CollectorSettings _settings;
    private readonly string? _cgroupRoot;
    private readonly string _journal;
    private readonly ILogger _logger;

    /// <exception cref="SettingsException">hook.json cannot be used.</exception>
    internal Daemon(CollectorSettings settings, OtlpSettings otlp, ILogger logger)
    {
        NodeSettings hook = ReadHook(settings.Hook);
        (_settings, _logger, _journal) = (settings, logger, hook.Journal);
        _cgroupRoot = settings.CgroupRoot ?? CgroupMount.Find(File.ReadAllText("/proc/self/mountinfo"));
        Interval = otlp.MetricInterval ?? settings.Interval;
        Metrics = new(Transport(otlp.Metrics, Signal.Metrics), new ExportQueue(MetricQueueBytes), logger);
        Logs = new(Transport(otlp.Logs, Signal.Logs), new ExportQueue(LogQueueBytes), logger);
        TelemetryResource node = NodeIdentity.Node(otlp);
        Loop = new NodeLoop(new NodeContext
        {
            Clock = TimeProvider.System,
            Logger = logger,
            Inbox = Inbox,
            Node = node,
            OnContainers = NodeIdentity.OnContainers(node, otlp),
            Proc = new ProcFiles(),
            CgroupRoot = _cgroupRoot,
            Verifier = new Verifier(new ProcessReader(), new RecordFinder(hook.StateDirectory)),
            Metrics = Metrics,
            Logs = Logs,
        });
        Watcher = new(settings.Containerd, Inbox, logger);
        Follower = new(hook.Journal, settings.State, Inbox, logger);
        Server = new(settings.Socket, Inbox, logger);
        Sweeper = new(hook.StateDirectory, TimeProvider.System);
    }

    internal NodeInbox Inbox { get; } = new();

    internal TimeSpan Interval { get; }

    internal NodeLoop Loop { get; }

    internal ContainerdWatcher Watcher { get; }

    internal JournalFollower Follower { get; }

    internal StatusServer Server { get; }

    internal RecordSweeper Sweeper { get; }

    internal OtlpSender Metrics { get; }

    internal OtlpSender Logs { get; }

    internal void SayHello(ILogger logger)
    {
        logger.Started(ProtobufEncoding.ScopeVersion, _settings.File, _settings.Containerd, _cgroupRoot ?? "nowhere", _journal, Metrics.Transport.Target, Logs.Transport.Target);
        if (_cgroupRoot is null)
        {
            logger.NodeProblem("This node has no cgroup2 mount: containers have events but no resource figures. Mount cgroup2, or name it as 'cgroupRoot'.");
        }
    }

    /// <summary>Sends what is queued. False: not all of it could be sent.</summary>
    internal async Task<bool> FlushAsync(CancellationToken cancellation)
    {
        try
        {
            Loop.FlushEvents(null);
            bool logs = await Logs.FlushAsync(cancellation);
            return await Metrics.FlushAsync(cancellation) && logs;
        }
        catch (OperationCanceledException)
        {
            _logger.NodeProblem("The receivers did not take everything in time. Journal lines will be sent after the next start; the rest is lost.");
            return false;
        }
    }

    public void Dispose()
    {
        Loop.Dispose();
        Follower.Dispose();
        Metrics.Dispose();
        Logs.Dispose();
        Metrics.Queue.Dispose();
        Logs.Queue.Dispose();
    }

    private ITransport Transport(OtlpTarget? target, Signal signal) => target switch
    {
        null => new FileTransport(_settings.Output, signal == Signal.Metrics ? "metrics" : "logs"),
        { Grpc: true } => new GrpcTransport(target, signal),
        _ => new HttpTransport(target),
    };

    private static NodeSettings ReadHook(string path)
    {
        try
        {
            return NodeSettings.Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new NodeSettings();
        }
        catch (HardeningFormatException e)
        {
            throw new SettingsException([e.Message]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"{path}: cannot be read ({e.Message}). It says where the hook's journal and records are."]);
        }
    }
}
