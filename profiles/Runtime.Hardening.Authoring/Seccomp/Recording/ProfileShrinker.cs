using Newtonsoft.Json.Linq;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Recording;

/// <summary>What becomes of a call when a profile is cut to a recording.</summary>
public enum ShrinkState
{
    /// <summary>The profile allowed it, nobody used it, and it is gone.</summary>
    Removed,

    /// <summary>It was recorded, and the profile does not allow it, before or after.</summary>
    Refused,

    /// <summary>Allowed and used.</summary>
    Used,

    /// <summary>Allowed, unused and kept: a runtime needs it, every program ends with it, or it was asked for.</summary>
    Kept,
}

/// <summary>One call of a profile or of a recording.</summary>
/// <param name="Name">The call.</param>
/// <param name="State">What becomes of it.</param>
/// <param name="Count">How often it was recorded.</param>
/// <param name="Risk">What it opens.</param>
public sealed record ShrunkCall(string Name, ShrinkState State, ulong Count, SyscallRisk Risk);

/// <summary>Cuts a profile to what a recording shows, and says what goes.</summary>
/// <param name="Profile">The smaller profile, members that nobody knows included.</param>
/// <param name="Calls">What goes first, the riskiest first.</param>
public sealed record ProfileShrinker(JObject Profile, IReadOnlyList<ShrunkCall> Calls)
{
    // Every program ends with one of them, and the kernel itself calls restart_syscall and the return from a signal's handler.
    private static readonly string[] s_always = ["exit", "exit_group", "restart_syscall", "rt_sigreturn", "sigreturn"];

    /// <summary>Cuts it.</summary>
    /// <param name="profile">In the OCI form, with a default that denies.</param>
    /// <param name="recording">What the program was seen to do.</param>
    /// <param name="keep">Calls to keep anyhow.</param>
    public static ProfileShrinker Of(ProfileDocument profile, SyscallRecording recording, IReadOnlyCollection<string> keep)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(recording);
        SeccompProfile meaning = profile.ToProfile();
        HashSet<string> wanted = [.. recording.Counts.Keys, .. keep, .. RuntimeFloor.Required, .. RuntimeFloor.Sometimes, .. s_always];
        HashSet<string> allowed = [.. meaning.Outcomes.Where(static o => IsAllowed(o.Value)).Select(static o => o.Key)];
        List<ShrunkCall> calls = [];
        foreach (string name in allowed.Union(recording.Counts.Keys))
        {
            ulong count = recording.Counts.GetValueOrDefault(name);
            ShrinkState state = !allowed.Contains(name) ? ShrinkState.Refused
                : count > 0 ? ShrinkState.Used
                : wanted.Contains(name) ? ShrinkState.Kept
                : ShrinkState.Removed;
            calls.Add(new ShrunkCall(name, state, count, SyscallRisk.Of(name)));
        }

        ShrunkCall[] sorted = [.. calls.OrderBy(static c => c.State).ThenByDescending(static c => c.Risk.Level).ThenBy(static c => c.Name, StringComparer.Ordinal)];
        return new ProfileShrinker(Cut(profile, wanted), sorted);
    }

    private static bool IsAllowed(SyscallOutcome outcome)
        => outcome.Unconditional is { } always ? always.Action <= SeccompAction.Log : Array.Exists(outcome.Conditional, static r => r.Result.Action <= SeccompAction.Log);

    private static JObject Cut(ProfileDocument profile, HashSet<string> wanted)
    {
        JObject cut = (JObject)profile.Json.DeepClone();
        JToken[] entries = [.. cut["syscalls"] as JArray ?? []];
        foreach (ProfileRule rule in profile.Rules.Where(static r => r.Allows))
        {
            JToken entry = entries[((JArray)profile.Json["syscalls"]!).IndexOf(rule.Json)];
            if (entry["names"] is not JArray names)
            {
                continue;   // null, which names nothing
            }

            foreach (JToken name in names.Where(n => !wanted.Contains((string)n!)).ToArray())
            {
                name.Remove();
            }

            if (names.Count == 0)
            {
                entry.Remove();
            }
        }

        return cut;
    }
}
