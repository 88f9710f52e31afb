namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>What a filter does with a system call, from the loosest to the strictest: the kernel's precedence when filters are stacked.</summary>
public enum SeccompAction
{
    /// <summary>SCMP_ACT_ALLOW</summary>
    Allow,

    /// <summary>SCMP_ACT_LOG: allowed, with an audit record.</summary>
    Log,

    /// <summary>SCMP_ACT_TRACE</summary>
    Trace,

    /// <summary>SCMP_ACT_NOTIFY</summary>
    Notify,

    /// <summary>SCMP_ACT_ERRNO</summary>
    Errno,

    /// <summary>SCMP_ACT_TRAP</summary>
    Trap,

    /// <summary>SCMP_ACT_KILL and SCMP_ACT_KILL_THREAD</summary>
    KillThread,

    /// <summary>SCMP_ACT_KILL_PROCESS</summary>
    KillProcess,
}

/// <summary>An action with its errno.</summary>
/// <param name="Action">What happens.</param>
/// <param name="Errno">The errno of ERRNO, the message of TRACE; 0 for every other action, whose value runtimes ignore or reject.</param>
public readonly record struct SeccompResult(SeccompAction Action, uint Errno)
{
    private const uint Eperm = 1, EnosysNumber = 38;

    private static readonly (string Text, SeccompAction Action)[] s_spellings =
    [
        ("SCMP_ACT_ALLOW", SeccompAction.Allow),
        ("SCMP_ACT_ERRNO", SeccompAction.Errno),
        ("SCMP_ACT_LOG", SeccompAction.Log),
        ("SCMP_ACT_TRACE", SeccompAction.Trace),
        ("SCMP_ACT_NOTIFY", SeccompAction.Notify),
        ("SCMP_ACT_TRAP", SeccompAction.Trap),
        ("SCMP_ACT_KILL", SeccompAction.KillThread),
        ("SCMP_ACT_KILL_THREAD", SeccompAction.KillThread),
        ("SCMP_ACT_KILL_PROCESS", SeccompAction.KillProcess),
    ];

    /// <summary>SCMP_ACT_ALLOW.</summary>
    public static SeccompResult Allow => default;

    /// <summary>"No such system call": what programs answer with a fallback.</summary>
    public static SeccompResult Enosys { get; } = new(SeccompAction.Errno, EnosysNumber);

    /// <summary>Whether the action takes an errno.</summary>
    public bool TakesErrno => Action is SeccompAction.Errno or SeccompAction.Trace;

    /// <summary>From the spelling of the OCI specification and an optional errnoRet; runc and crun take EPERM where there is none.</summary>
    /// <returns>False for an action that no runtime knows: the container would not start.</returns>
    public static bool TryParse(string text, uint? errno, out SeccompResult result)
    {
        foreach ((string spelling, SeccompAction action) in s_spellings)
        {
            if (spelling == text)
            {
                result = new SeccompResult(action, 0);
                result = result.TakesErrno ? result with { Errno = errno ?? Eperm } : result;
                return true;
            }
        }

        result = default;
        return false;
    }

    /// <summary>The spelling of the OCI specification.</summary>
    public string ActionText()
    {
        foreach ((string spelling, SeccompAction action) in s_spellings)
        {
            // KILL_THREAD comes out in its older spelling, which every runtime knows.
            if (action == Action)
            {
                return spelling;
            }
        }

        return "";
    }

    /// <summary>The stricter of two results; of two errnos ENOSYS wins, else the smaller.</summary>
    public static SeccompResult Strictest(SeccompResult a, SeccompResult b)
    {
        if (a.Action != b.Action)
        {
            return a.Action > b.Action ? a : b;
        }

        return a.Errno == EnosysNumber || (b.Errno != EnosysNumber && a.Errno <= b.Errno) ? a : b;
    }

    /// <summary>Another result that is at least as strict and hurts programs least; the same one where nothing is stricter.</summary>
    internal SeccompResult NextStricter() => Action switch
    {
        SeccompAction.KillProcess or SeccompAction.KillThread => new SeccompResult(SeccompAction.KillProcess, 0),
        SeccompAction.Trap => new SeccompResult(SeccompAction.KillThread, 0),
        SeccompAction.Errno when Errno == EnosysNumber => new SeccompResult(SeccompAction.Trap, 0),
        _ => Enosys,
    };

    /// <summary>The looser of two results.</summary>
    public static SeccompResult Loosest(SeccompResult a, SeccompResult b) => Strictest(a, b) == a ? b : a;

    /// <summary>Whether it grants nothing that the other does not.</summary>
    public bool IsAtLeast(SeccompResult other) => Strictest(this, other) == this;

    /// <summary>Whether both are the same: compared for every name of a profile, so field by field.</summary>
    public bool Equals(SeccompResult other) => Action == other.Action && Errno == other.Errno;

    /// <inheritdoc/>
    public override int GetHashCode() => ((int)Action << 16) ^ (int)Errno;

    /// <summary>For people: <c>ERRNO(38)</c>.</summary>
    public override string ToString() => TakesErrno ? $"{ActionText()["SCMP_ACT_".Length..]}({Errno})" : ActionText()["SCMP_ACT_".Length..];
}
