using Google.Protobuf;
using Runtime.Hardening.Collector.Containerd.Wire;

namespace Runtime.Hardening.Collector.Containerd;

/// <summary>What happened to a container.</summary>
internal enum Happening { ContainerCreated, ContainerUpdated, ContainerDeleted, TaskCreated, Started, ExecStarted, Exited, Oom, Paused, Resumed, TaskDeleted }

/// <summary>One event of containerd, in our words. The exec id is empty for the container's first process.</summary>
internal sealed record ContainerEvent(
    Happening Happening, DateTimeOffset Time, string Namespace, string Id, uint Pid = 0, string ExecId = "", uint ExitCode = 0)
{
    /// <summary>Reads an envelope; null for events that are of no interest.</summary>
    /// <exception cref="InvalidProtocolBufferException">The event's bytes are not its message.</exception>
    internal static ContainerEvent? From(Envelope envelope)
    {
        ByteString bytes = envelope.Event?.Value ?? ByteString.Empty;
        DateTimeOffset time = envelope.Timestamp?.ToDateTimeOffset() ?? default;
        ContainerEvent Make(Happening happening, string id) => new(happening, time, envelope.Namespace, id);
        switch (envelope.Topic)
        {
            case "/containers/create":
                return Make(Happening.ContainerCreated, ContainerCreate.Parser.ParseFrom(bytes).Id);
            case "/containers/update":
                return Make(Happening.ContainerUpdated, ContainerUpdate.Parser.ParseFrom(bytes).Id);
            case "/containers/delete":
                return Make(Happening.ContainerDeleted, ContainerDelete.Parser.ParseFrom(bytes).Id);
            case "/tasks/create":
                TaskCreate create = TaskCreate.Parser.ParseFrom(bytes);
                return Make(Happening.TaskCreated, create.ContainerId) with { Pid = create.Pid };
            case "/tasks/start":
                TaskStart start = TaskStart.Parser.ParseFrom(bytes);
                return Make(Happening.Started, start.ContainerId) with { Pid = start.Pid };
            case "/tasks/exec-started":
                TaskExecStarted exec = TaskExecStarted.Parser.ParseFrom(bytes);
                return Make(Happening.ExecStarted, exec.ContainerId) with { Pid = exec.Pid, ExecId = exec.ExecId };
            case "/tasks/exit":
                TaskExit exit = TaskExit.Parser.ParseFrom(bytes);
                return Make(Happening.Exited, exit.ContainerId) with
                {
                    Pid = exit.Pid, ExitCode = exit.ExitStatus, ExecId = exit.Id == exit.ContainerId ? "" : exit.Id,
                };
            case "/tasks/delete":
                TaskDelete delete = TaskDelete.Parser.ParseFrom(bytes);
                return Make(Happening.TaskDeleted, delete.ContainerId) with
                {
                    Pid = delete.Pid, ExitCode = delete.ExitStatus, ExecId = delete.Id == delete.ContainerId ? "" : delete.Id,
                };
            case "/tasks/oom":
                return Make(Happening.Oom, TaskOom.Parser.ParseFrom(bytes).ContainerId);
            case "/tasks/paused":
                return Make(Happening.Paused, TaskPaused.Parser.ParseFrom(bytes).ContainerId);
            case "/tasks/resumed":
                return Make(Happening.Resumed, TaskResumed.Parser.ParseFrom(bytes).ContainerId);
            default:
                return null;
        }
    }
}
