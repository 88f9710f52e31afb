namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// socketcall and ipc in a meet. i386, s390x, ppc64le and a few others can make socket calls and System V IPC calls through them, so libseccomp copies the
/// rules of those calls to their multiplexer, unless the multiplexer has a rule of its own without conditions, which hides the copies. A meet name by name
/// would not see either: a denial of socketcall that equals the meet's default is dropped, and then the copy of "socket is allowed" opens it.
/// </summary>
internal static class MultiplexerMeet
{
    private static readonly (string Name, string[] Behind)[] s_multiplexers =
    [
        ("socketcall",
        [
            "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recv", "recvfrom", "recvmmsg", "recvmsg", "send", "sendmmsg",
            "sendmsg", "sendto", "setsockopt", "shutdown", "socket", "socketpair",
        ]),
        ("ipc", ["msgctl", "msgget", "msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop", "shmat", "shmctl", "shmdt", "shmget"]),
    ];

    /// <summary>Whether a call is one of the multiplexers.</summary>
    public static bool IsMultiplexer(string name) => name is "socketcall" or "ipc";

    /// <summary>Whether a multiplexer has rules of its own with conditions: in another order than the profile's libseccomp may refuse them beside the copies.</summary>
    public static bool DependsOnOrder(SeccompProfile profile)
        => Array.Exists(s_multiplexers, multiplexer => profile.Table.TryGetValue(multiplexer.Name, out SyscallOutcome own) && own.Conditional.Length > 0);

    /// <summary>Gives the multiplexers what no copy can loosen.</summary>
    public static void Settle(SeccompProfile meet, SeccompProfile a, SeccompProfile b)
    {
        foreach ((string name, string[] behind) in s_multiplexers)
        {
            bool isOwnA = a.Table.TryGetValue(name, out SyscallOutcome ownA), isOwnB = b.Table.TryGetValue(name, out SyscallOutcome ownB);
            bool isLoosened = (!isOwnA && IsLoosened(meet, a, behind)) || (!isOwnB && IsLoosened(meet, b, behind));
            if (!isOwnA && !isOwnB && !isLoosened)
            {
                continue;
            }

            meet.Remove(name);
            bool opensA = !isOwnA || IsAllowed(ownA), opensB = !isOwnB || IsAllowed(ownB);
            if (opensA && opensB && !isLoosened)
            {
                // Both are open: it stays so. One is open and the other decides by its copies: so does the meet.
                meet.Add(name, isOwnA && isOwnB ? SeccompResult.Allow : meet.Default, []);
                continue;
            }

            SeccompResult ofA = Worst(a, isOwnA, ownA, behind), ofB = Worst(b, isOwnB, ownB, behind);
            bool isLooser = Array.Exists(behind, call => IsLooser(meet, call));
            if (!isLoosened && !isLooser && (!isOwnA || meet.Default.IsAtLeast(ofA)) && (!isOwnB || meet.Default.IsAtLeast(ofB)))
            {
                // The default is as strict as what the rules did, and no copy is looser. Copies that are stricter come out of the one without a rule, and stay.
                meet.NameOnly(name);
                continue;
            }

            SeccompResult result = SeccompResult.Strictest(ofA, ofB);
            if (result == meet.Default && isLooser)
            {
                result = result.NextStricter();   // no default, so that runtimes keep the rule
                if (result == meet.Default)
                {
                    CloseAll(meet, behind);
                }
            }

            meet.Add(name, result, []);
        }
    }

    /// <summary>
    /// Gives a rule of its own to a multiplexer without one whose copies have two results for one call: a profile may have hidden them behind its own rule, and libseccomp
    /// would refuse them.
    /// </summary>
    public static void Protect(SeccompProfile meet)
    {
        foreach ((string name, string[] behind) in s_multiplexers)
        {
            if (!meet.Table.ContainsKey(name) && Array.Exists(behind, call => meet.Table.TryGetValue(call, out SyscallOutcome made) && HasTwoResults(made)))
            {
                SeccompResult result = SeccompResult.Strictest(Worst(meet, isOwn: false, default, behind), meet.Default.NextStricter());
                if (result == meet.Default)
                {
                    CloseAll(meet, behind);
                }

                meet.Add(name, result, []);
            }
        }
    }

    private static bool HasTwoResults(in SyscallOutcome outcome)
    {
        foreach (ConditionalRule rule in outcome.Conditional)
        {
            if (rule.Result != (outcome.Unconditional ?? outcome.Conditional[0].Result))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAllowed(in SyscallOutcome outcome) => outcome.Unconditional == SeccompResult.Allow && outcome.Conditional.Length == 0;

    // A copy has the sub-call's number where the rule has a condition on argument 0, so a denial of some first arguments becomes one of all of them; and what a meet allows
    // because the first argument is another one becomes a permission of all.
    private static bool IsLoosened(SeccompProfile meet, SeccompProfile profile, string[] behind) => Array.Exists(
        behind,
        call => profile.Table.TryGetValue(call, out SyscallOutcome from) && from.Conditional.Length > 0 && meet.Table.TryGetValue(call, out SyscallOutcome made)
            && !made.Conditional.AsSpan().SequenceEqual(from.Conditional)
            && Array.Exists(from.Conditional, rule => Array.Exists(rule.Conditions, static condition => condition.Index == 0) && BlindFilter.IsLooser(made, rule.Result)));

    private static SeccompResult Worst(SeccompProfile profile, bool isOwn, in SyscallOutcome own, string[] behind)
    {
        SeccompResult worst = isOwn ? SeccompMeet.Worst(own, profile.Default) : profile.Default;
        if (!isOwn || own.Unconditional is null)
        {
            foreach (string call in behind)
            {
                worst = profile.Table.TryGetValue(call, out SyscallOutcome outcome) ? SeccompResult.Strictest(worst, SeccompMeet.Worst(outcome, profile.Default)) : worst;
            }
        }

        return worst;
    }

    private static bool IsLooser(SeccompProfile meet, string call) => meet.Table.TryGetValue(call, out SyscallOutcome outcome) && BlindFilter.IsLooser(outcome, meet.Default);

    // Nothing is stricter than the default, so what would open the multiplexer must go.
    private static void CloseAll(SeccompProfile meet, string[] behind)
    {
        foreach (string call in behind)
        {
            if (IsLooser(meet, call))
            {
                BlindFilter.Close(meet, call, meet.Table[call], meet.Default);
            }
        }
    }
}
