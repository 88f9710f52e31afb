using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Hook;

/// <summary>
/// restore: the processes come out of a checkpoint with the seccomp filter, capabilities and no_new_privs that they had in it, whatever the spec says; the
/// spec decides for mounts, namespaces, cgroups, and for what joins later. A policy that must not start a container unhardened cannot be kept here.
/// </summary>
internal static class RestoreCheck
{
    /// <summary>What the journal says of a restore that goes on.</summary>
    /// <exception cref="Refusal">A policy's onError is refuse.</exception>
    public static string Check(PolicyDecision decision, IReadOnlyList<Policy> policies)
    {
        const string Why = "the processes of a checkpoint keep the confinement that they had in it, which hardening-hook cannot see";
        string[] strict = [.. policies.Where(policy => policy.OnError == OnError.Refuse && decision.Policies.Contains(policy.Name)).Select(static policy => policy.Name)];
        return strict.Length > 0
            ? throw new Refusal(
                $"policy '{string.Join(", ", strict)}' cannot be applied by restore: {Why}. Start the container anew, or give these policies onError: passThrough")
            : $"{Why}: what joins the container is held to the policies";
    }
}
