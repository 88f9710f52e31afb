namespace Runtime.Hardening.Profiles;

/// <summary>The one word every folder shares: which rule asked for an edit or made a finding.</summary>
public enum RuleId
{
    /// <summary><c>seccomp</c>: meet of the policy's profile and the engine's.</summary>
    Seccomp,

    /// <summary><c>apparmor</c>: the profile the process is confined by.</summary>
    AppArmor,

    /// <summary><c>capabilities</c>: the keep-list over all five sets.</summary>
    Capabilities,

    /// <summary><c>noNewPrivileges</c>.</summary>
    NoNewPrivileges,

    /// <summary><c>rootFilesystem: readOnly</c>.</summary>
    RootFilesystem,

    /// <summary><c>paths.mask</c>.</summary>
    MaskedPaths,

    /// <summary><c>paths.readOnly</c>.</summary>
    ReadonlyPaths,

    /// <summary><c>rlimits</c>.</summary>
    Rlimits,

    /// <summary>Annotations that tell a runtime to undo what policies ask; every policy has it, none names it.</summary>
    Annotations,

    /// <summary>A working directory that leads out of the container; every policy has it, none names it.</summary>
    WorkingDirectory,

    /// <summary><c>resources</c>: bounds of pids, memory and CPU time.</summary>
    Resources,

    /// <summary><c>require.hostNamespaces</c>.</summary>
    RequireHostNamespaces,

    /// <summary><c>require.privileged</c>.</summary>
    RequirePrivileged,

    /// <summary><c>require.mounts</c>.</summary>
    RequireMounts,

    /// <summary><c>require.user</c>.</summary>
    RequireUser,
}

/// <summary>The spelling of rules in policies, journals and messages.</summary>
public static class RuleIds
{
    /// <summary>The member of a policy that asks for the rule, for example <c>paths.mask</c>; the place in the spec for rules that every policy has.</summary>
    public static string Text(this RuleId rule) => rule switch
    {
        RuleId.Seccomp => "seccomp",
        RuleId.AppArmor => "apparmor",
        RuleId.Capabilities => "capabilities",
        RuleId.NoNewPrivileges => "noNewPrivileges",
        RuleId.RootFilesystem => "rootFilesystem",
        RuleId.MaskedPaths => "paths.mask",
        RuleId.ReadonlyPaths => "paths.readOnly",
        RuleId.Rlimits => "rlimits",
        RuleId.Annotations => "annotations",
        RuleId.WorkingDirectory => "cwd",
        RuleId.Resources => "resources",
        RuleId.RequireHostNamespaces => "require.hostNamespaces",
        RuleId.RequirePrivileged => "require.privileged",
        RuleId.RequireMounts => "require.mounts",
        _ => "require.user",
    };
}
