namespace Runtime.Hardening.Authoring.Seccomp.Kubernetes;

/// <summary>The words of the resource SeccompProfile of the security-profiles-operator.</summary>
public static class KubernetesProfile
{
    /// <summary>The kind.</summary>
    public const string Kind = "SeccompProfile";

    internal const string Group = "security-profiles-operator.x-k8s.io/";

    internal static readonly string[] SpecFields =
        ["defaultAction", "architectures", "flags", "listenerPath", "listenerMetadata", "syscalls"];

    /// <summary>The versions that have the same form; of them the operator stores the first.</summary>
    public static IReadOnlyList<string> Versions { get; } = ["v1", "v1beta1"];

    /// <summary>Whether the text can be an object's name in Kubernetes: labels of lower-case letters, digits and '-', with dots between them.</summary>
    public static bool IsName(string text)
        => text is { Length: > 0 and <= 253 }
            && text.Split('.').All(static label => label.Length > 0 && label[0] != '-' && label[^1] != '-' && label.All(static c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'));
}
