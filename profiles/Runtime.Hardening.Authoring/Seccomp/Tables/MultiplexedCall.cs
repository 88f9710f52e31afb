using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// The calls that i386, s390x and ppc64le can also make through one number: socketcall(1, ...) is socket. libseccomp writes a rule for such a call twice there,
/// once for the call's own number and once for the multiplexer with the sub-call's number as the one condition on argument 0.
/// </summary>
internal static class MultiplexedCall
{
    public const string Socket = "socketcall", Ipc = "ipc";

    private static readonly Dictionary<string, (string Multiplexer, uint SubCall)> s_calls = new(StringComparer.Ordinal)
    {
        // linux/net.h, SYS_SOCKET and its like
        ["socket"] = (Socket, 1), ["bind"] = (Socket, 2), ["connect"] = (Socket, 3), ["listen"] = (Socket, 4), ["accept"] = (Socket, 5),
        ["getsockname"] = (Socket, 6), ["getpeername"] = (Socket, 7), ["socketpair"] = (Socket, 8), ["send"] = (Socket, 9), ["recv"] = (Socket, 10),
        ["sendto"] = (Socket, 11), ["recvfrom"] = (Socket, 12), ["shutdown"] = (Socket, 13), ["setsockopt"] = (Socket, 14), ["getsockopt"] = (Socket, 15),
        ["sendmsg"] = (Socket, 16), ["recvmsg"] = (Socket, 17), ["accept4"] = (Socket, 18), ["recvmmsg"] = (Socket, 19), ["sendmmsg"] = (Socket, 20),
        // linux/ipc.h, SEMOP and its like
        ["semop"] = (Ipc, 1), ["semget"] = (Ipc, 2), ["semctl"] = (Ipc, 3), ["semtimedop"] = (Ipc, 4), ["msgsnd"] = (Ipc, 11), ["msgrcv"] = (Ipc, 12),
        ["msgget"] = (Ipc, 13), ["msgctl"] = (Ipc, 14), ["shmat"] = (Ipc, 21), ["shmdt"] = (Ipc, 22), ["shmget"] = (Ipc, 23), ["shmctl"] = (Ipc, 24),
    };

    /// <summary>Every call that has a sub-call's number.</summary>
    public static IReadOnlyDictionary<string, (string Multiplexer, uint SubCall)> All => s_calls;

    /// <summary>The rules of a multiplexer's number: its own, and those that libseccomp copies to it.</summary>
    public static NumberRules RulesOf(string multiplexer, SeccompProfile profile, int bits)
    {
        var rules = new NumberRules(bits);
        if (profile.Outcomes.TryGetValue(multiplexer, out SyscallOutcome own))
        {
            rules.Add(multiplexer, own);
        }

        foreach ((string name, (string through, uint subCall)) in s_calls)
        {
            if (rules.Always is null && through == multiplexer && profile.Outcomes.TryGetValue(name, out SyscallOutcome outcome))
            {
                rules.AddMultiplexed(name, outcome, subCall);
            }
        }

        return rules;
    }
}
