using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// What decides about a container's confinement and lies outside its spec, so that no edit can hold it: a checkpoint, or somebody who answers its system
/// calls. A policy that must not start a container unhardened refuses it; for the others the journal says what could not be seen.
/// </summary>
internal static class BeyondTheSpec
{
    /// <summary>What the journal says of a container that starts all the same; empty when there is nothing to say.</summary>
    /// <exception cref="Refusal">A policy that was applied has onError: refuse.</exception>
    public static string Check(string verb, ContainerSpec spec, PolicyDecision decision, IReadOnlyList<Policy> policies)
    {
        if (decision is not { Outcome: DecisionOutcome.Allow, Policies.Length: > 0 } || (OfRestore(verb) ?? OfListener(spec)) is not { } what)
        {
            return "";
        }

        string[] strict = [.. policies.Where(policy => policy.OnError == OnError.Refuse && decision.Policies.Contains(policy.Name)).Select(static policy => policy.Name)];
        return strict.Length > 0
            ? throw new Refusal($"policy '{string.Join(", ", strict)}' cannot be applied: {what}, or give the policy onError: passThrough")
            : $"The confinement is not certain: {what}";
    }

    // The spec decides for mounts, namespaces, cgroups and what joins later.
    private static string? OfRestore(string verb)
        => verb == "restore"
            ? "the processes of a checkpoint keep the seccomp filter, capabilities and no_new_privs that they had in it, which hardening-hook cannot see; start the container anew"
            : null;

    // Whoever listens lets every call pass that the profile hands on. So it must be the node's own agent: a socket of root's, where nobody else can put one.
    private static string? OfListener(ContainerSpec spec)
    {
        if (!spec.Has(SpecPath.Seccomp) || SeccompListener.PathOf(spec.Raw(SpecPath.Seccomp)) is not { } path)
        {
            return null;
        }

        string? doubt = Trust.DoubtOfPath(path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : path) ?? DoubtOfSocket(path);
        return doubt is null ? null : $"the spec hands system calls to whoever listens at '{path}', and {doubt}; let the node's agent listen in a folder of root's";
    }

    private static string? DoubtOfSocket(string path)
    {
        if (Descriptor.TryOpen(Descriptor.CurrentDirectory, path, O_PATH | O_NOFOLLOW, out int errno) is not { } socket)
        {
            return new SystemCallException("opening", path, errno).Message;
        }

        using (socket)
        {
            Tmds.Linux.stat status = socket.Stat(path);
            return ((uint)status.st_mode & (uint)S_IFMT) != (uint)S_IFSOCK ? "it is no socket"
                : (uint)status.st_uid != 0 && (uint)status.st_uid != (uint)geteuid() ? $"it is owned by uid {(uint)status.st_uid} instead of root"
                : null;
        }
    }
}
