using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Compiling;

/// <summary>Writes a compiled policy as fields of the policy language, one line each, for comparing and for people.</summary>
public static class PolicyText
{
    /// <summary>The fields the policy sets, by path below spec; values are one line of JSON each.</summary>
    public static SortedDictionary<string, string> Fields(Policy policy)
    {
        SortedDictionary<string, string> fields = new(StringComparer.Ordinal)
        {
            [PolicyFields.Mode] = LeafText.Of(Words.Modes[(int)policy.Mode]),
            [PolicyFields.OnError] = LeafText.Of(Words.OnErrors[(int)policy.OnError]),
        };
        void AddList(string path, string[] list)
        {
            if (list.Length > 0)
            {
                fields[path] = LeafText.Of(list);
            }
        }

        void AddQuantity(string path, ulong? value, bool isMilli = false)
        {
            if (value is { } amount)
            {
                fields[path] = LeafText.Of(new Quantity(amount, isMilli));
            }
        }

        if (policy.Match.Length > 0)
        {
            fields[PolicyFields.Match] = LeafText.Of(policy.Match);
        }

        if (policy.Seccomp is { } seccomp)
        {
            // With its checksum: a profile that changed under the same name is a difference too.
            fields[PolicyFields.SeccompProfile] = $"{LeafText.Of(seccomp.Profile)} ({PolicyIndex.ChecksumText(seccomp.Crc32C)})";
        }

        if (policy.AppArmor is { } apparmor)
        {
            fields[PolicyFields.AppArmorProfile] = LeafText.Of(apparmor.Profile);
            fields[PolicyFields.AppArmorCombine] = LeafText.Of(Words.Combines[(int)apparmor.Combine]);
            if (apparmor.Otherwise is { } otherwise)
            {
                fields[PolicyFields.AppArmorOtherwise] = Text(otherwise);
            }
        }

        if (policy.KeepCapabilities is { } keep)
        {
            fields[PolicyFields.CapabilitiesKeep] = LeafText.Of(keep.ToNames());
        }

        if (policy.NoNewPrivileges)
        {
            fields[PolicyFields.NoNewPrivileges] = "true";
        }

        if (policy.ReadOnlyRootFilesystem)
        {
            fields[PolicyFields.RootFilesystem] = LeafText.Of("readOnly");
        }

        AddList(PolicyFields.PathsMask, policy.MaskPaths);
        AddList(PolicyFields.PathsReadOnly, policy.ReadOnlyPaths);
        foreach (Rlimit limit in policy.Rlimits)
        {
            fields[$"rlimits.{limit.Type}"] = LeafText.Of(limit);
        }

        if (policy.Resources is { } resources)
        {
            AddQuantity(PolicyFields.PidsMax, resources.PidsMax);
            AddQuantity(PolicyFields.MemoryMax, resources.MemoryMax);
            AddQuantity(PolicyFields.CpuMax, resources.CpuMaxMilli, isMilli: true);
        }

        AddRequirements(policy, fields);
        return fields;
    }

    private static void AddRequirements(Policy policy, SortedDictionary<string, string> fields)
    {
        if (policy.RequireHostNamespaces is { } namespaces)
        {
            fields[PolicyFields.HostNamespacesDeny] = LeafText.Of(namespaces.Deny);
            fields[PolicyFields.HostNamespacesOtherwise] = Text(namespaces.Otherwise);
        }

        if (policy.RequirePrivileged is { } privileged)
        {
            fields[PolicyFields.PrivilegedDeny] = "true";
            fields[PolicyFields.PrivilegedOtherwise] = Text(privileged.Otherwise);
        }

        if (policy.RequireMounts is { } mounts)
        {
            fields[PolicyFields.MountsDenySources] = LeafText.Of(mounts.DenySources);
            fields[PolicyFields.MountsOtherwise] = Text(mounts.Otherwise);
        }

        if (policy.RequireUser is { } user)
        {
            fields[PolicyFields.UserNonRoot] = "true";
            fields[PolicyFields.UserOtherwise] = Text(user.Otherwise);
        }
    }

    private static string Text(Otherwise otherwise) => LeafText.Of(Words.Otherwises[(int)otherwise]);
}
