using Microsoft.Extensions.Logging;

namespace Runtime.Hardening.Collector;

/// <summary>What the daemon says, each message once and with a stable id.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "hardeningd {Version} started: settings {Settings}, containerd {Containerd}, cgroups {Cgroups}, journal {Journal}, metrics to {Metrics}, events to {Logs}.")]
    internal static partial void Started(this ILogger logger, string version, string settings, string containerd, string cgroups, string journal, string metrics, string logs);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Problem}")]
    internal static partial void NodeProblem(this ILogger logger, string problem);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Telemetry does not reach {Target}: {Problem}. It is kept up to a bound and sent again.")]
    internal static partial void ExportProblem(this ILogger logger, string target, string problem);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "Telemetry reaches {Target} again.")]
    internal static partial void ExportRecovered(this ILogger logger, string target);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "containerd at {Socket} is not reachable: {Problem}. Trying again.")]
    internal static partial void ContainerdAway(this ILogger logger, string socket, string problem);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "containerd at {Socket} is not reachable: {Problem}. --once does not try again.")]
    internal static partial void ContainerdAwayOnce(this ILogger logger, string socket, string problem);

    [LoggerMessage(EventId = 6, Level = LogLevel.Information, Message = "Connected to containerd {Version} at {Socket}.")]
    internal static partial void ContainerdConnected(this ILogger logger, string version, string socket);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "Status socket {Socket} cannot be served: {Problem}. Trying again.")]
    internal static partial void SocketProblem(this ILogger logger, string socket, string problem);

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning, Message = "Journal: {Problem}")]
    internal static partial void JournalProblem(this ILogger logger, string problem);

    [LoggerMessage(EventId = 9, Level = LogLevel.Debug, Message = "Stopping.")]
    internal static partial void Stopping(this ILogger logger);
}
