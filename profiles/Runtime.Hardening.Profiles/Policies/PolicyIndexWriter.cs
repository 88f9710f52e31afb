using System.Globalization;
using System.Text;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Policies;

/// <summary>The writing half of <see cref="PolicyIndex"/>. What a policy does not ask for is not written.</summary>
internal static class PolicyIndexWriter
{
    public static byte[] WriteBody(PolicyIndex index)
    {
        var writer = new JsonText(4096);
        writer.OpenObject();
        writer.Member("generation"u8, index.Generation);
        writer.Member("created"u8, index.Created.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        writer.OpenArray("policies"u8);
        foreach (Policy policy in index.Policies)
        {
            Write(writer, policy);
        }

        writer.CloseArray();
        writer.CloseObject();
        return writer.ToArray();
    }

    private static void Write(JsonText writer, Policy policy)
    {
        writer.OpenObject();
        writer.Member("name"u8, policy.Name);
        writer.Member("mode"u8, policy.Mode switch { PolicyMode.Enforce => "enforce", PolicyMode.Audit => "audit", _ => "off" });
        writer.Member("onError"u8, policy.OnError == OnError.Refuse ? "refuse" : "passThrough");
        if (policy.Match.Length > 0)
        {
            writer.OpenArray("match"u8);
            foreach (MatchClause clause in policy.Match)
            {
                Write(writer, clause);
            }

            writer.CloseArray();
        }

        if (policy.Seccomp is { } seccomp)
        {
            writer.OpenObject("seccomp"u8);
            writer.Member("profile"u8, seccomp.Profile);
            writer.Member("file"u8, seccomp.File);
            writer.Member("crc32c"u8, PolicyIndex.ChecksumText(seccomp.Crc32C));
            if (seccomp.ByCapability is { } other)
            {
                writer.OpenObject("byCapability"u8);
                WriteList(writer, "capabilities"u8, other.Capabilities.ToNames());
                writer.Member("file"u8, other.File);
                writer.Member("crc32c"u8, PolicyIndex.ChecksumText(other.Crc32C));
                writer.CloseObject();
            }

            writer.CloseObject();
        }

        if (policy.AppArmor is { } apparmor)
        {
            writer.OpenObject("apparmor"u8);
            writer.Member("profile"u8, apparmor.Profile);
            writer.Member("combine"u8, apparmor.Combine == AppArmorCombine.Stack ? "stack" : "replaceDefault");
            WriteOtherwise(writer, apparmor.Otherwise);
            writer.CloseObject();
        }

        if (policy.KeepCapabilities is { } keep)
        {
            writer.OpenObject("capabilities"u8);
            WriteList(writer, "keep"u8, keep.ToNames(), always: true);
            writer.CloseObject();
        }

        if (policy.NoNewPrivileges)
        {
            writer.Member("noNewPrivileges"u8, true);
        }

        if (policy.ReadOnlyRootFilesystem)
        {
            writer.Member("rootFilesystem"u8, "readOnly");
        }

        if (policy.MaskPaths.Length + policy.ReadOnlyPaths.Length > 0)
        {
            writer.OpenObject("paths"u8);
            WriteList(writer, "mask"u8, policy.MaskPaths);
            WriteList(writer, "readOnly"u8, policy.ReadOnlyPaths);
            writer.CloseObject();
        }

        if (policy.Rlimits.Length > 0)
        {
            writer.OpenArray("rlimits"u8);
            foreach (Rlimit limit in policy.Rlimits)
            {
                RlimitJson.Write(writer, limit);
            }

            writer.CloseArray();
        }

        ResourceBoundsJson.WriteMember(writer, policy.Resources);
        WriteRequirements(writer, policy);
        writer.CloseObject();
    }

    private static void Write(JsonText writer, MatchClause clause)
    {
        writer.OpenObject();
        writer.Member("containers"u8, clause.Containers switch
        {
            ContainerKinds.Workload => "workload",
            ContainerKinds.Sandbox => "sandbox",
            _ => "all",
        });
        WriteList(writer, "engines"u8, clause.Engines);
        WriteList(writer, "engineNamespaces"u8, clause.EngineNamespaces);
        WriteList(writer, "namespaces"u8, clause.Namespaces);
        WriteList(writer, "pods"u8, clause.Pods);
        WriteList(writer, "names"u8, clause.Names);
        WriteList(writer, "images"u8, clause.Images);
        WriteList(writer, "hostnames"u8, clause.Hostnames);
        if (clause.Annotations.Length > 0)
        {
            writer.OpenObject("annotations"u8);
            foreach ((string key, string value) in clause.Annotations)
            {
                writer.Member(Encoding.UTF8.GetBytes(key), value);
            }

            writer.CloseObject();
        }

        if (clause.Privileged is bool privileged)
        {
            writer.Member("privileged"u8, privileged);
        }

        writer.CloseObject();
    }

    private static void WriteRequirements(JsonText writer, Policy policy)
    {
        if (policy is { RequireHostNamespaces: null, RequirePrivileged: null, RequireMounts: null, RequireUser: null })
        {
            return;
        }

        writer.OpenObject("require"u8);
        if (policy.RequireHostNamespaces is { } namespaces)
        {
            writer.OpenObject("hostNamespaces"u8);
            WriteList(writer, "deny"u8, namespaces.Deny);
            WriteOtherwise(writer, namespaces.Otherwise);
            writer.CloseObject();
        }

        if (policy.RequirePrivileged is { } privileged)
        {
            writer.OpenObject("privileged"u8);
            writer.Member("deny"u8, true);
            WriteOtherwise(writer, privileged.Otherwise);
            writer.CloseObject();
        }

        if (policy.RequireMounts is { } mounts)
        {
            writer.OpenObject("mounts"u8);
            WriteList(writer, "denySources"u8, mounts.DenySources);
            WriteOtherwise(writer, mounts.Otherwise);
            writer.CloseObject();
        }

        if (policy.RequireUser is { } user)
        {
            writer.OpenObject("user"u8);
            writer.Member("nonRoot"u8, true);
            WriteOtherwise(writer, user.Otherwise);
            writer.CloseObject();
        }

        writer.CloseObject();
    }

    private static void WriteOtherwise(JsonText writer, Otherwise? otherwise)
    {
        if (otherwise is { } value)
        {
            writer.Member("otherwise"u8, value == Otherwise.Refuse ? "refuse" : "report");
        }
    }

    private static void WriteList(JsonText writer, ReadOnlySpan<byte> name, string[] values, bool always = false)
    {
        if (values.Length == 0 && !always)
        {
            return;
        }

        writer.Member(name, values);
    }
}
