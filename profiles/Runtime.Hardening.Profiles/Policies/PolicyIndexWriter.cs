using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Policies;

/// <summary>The writing half of <see cref="PolicyIndex"/>. What a policy does not ask for is not written.</summary>
internal static class PolicyIndexWriter
{
    public static byte[] WriteBody(PolicyIndex index)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteString("generation"u8, index.Generation);
        writer.WriteString("created"u8, index.Created.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        writer.WriteStartArray("policies"u8);
        foreach (Policy policy in index.Policies)
        {
            Write(writer, policy);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, Policy policy)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, policy.Name);
        writer.WriteString("mode"u8, policy.Mode switch { PolicyMode.Enforce => "enforce", PolicyMode.Audit => "audit", _ => "off" });
        writer.WriteString("onError"u8, policy.OnError == OnError.Refuse ? "refuse" : "passThrough");
        if (policy.Match.Length > 0)
        {
            writer.WriteStartArray("match"u8);
            foreach (MatchClause clause in policy.Match)
            {
                Write(writer, clause);
            }

            writer.WriteEndArray();
        }

        if (policy.Seccomp is { } seccomp)
        {
            writer.WriteStartObject("seccomp"u8);
            writer.WriteString("profile"u8, seccomp.Profile);
            writer.WriteString("file"u8, seccomp.File);
            writer.WriteString("crc32c"u8, PolicyIndex.ChecksumText(seccomp.Crc32C));
            writer.WriteEndObject();
        }

        if (policy.AppArmor is { } apparmor)
        {
            writer.WriteStartObject("apparmor"u8);
            writer.WriteString("profile"u8, apparmor.Profile);
            writer.WriteString("combine"u8, apparmor.Combine == AppArmorCombine.Stack ? "stack" : "replaceDefault");
            WriteOtherwise(writer, apparmor.Otherwise);
            writer.WriteEndObject();
        }

        if (policy.KeepCapabilities is { } keep)
        {
            writer.WriteStartObject("capabilities"u8);
            WriteList(writer, "keep", keep.ToNames(), always: true);
            writer.WriteEndObject();
        }

        if (policy.NoNewPrivileges)
        {
            writer.WriteBoolean("noNewPrivileges"u8, true);
        }

        if (policy.ReadOnlyRootFilesystem)
        {
            writer.WriteString("rootFilesystem"u8, "readOnly"u8);
        }

        if (policy.MaskPaths.Length + policy.ReadOnlyPaths.Length > 0)
        {
            writer.WriteStartObject("paths"u8);
            WriteList(writer, "mask", policy.MaskPaths);
            WriteList(writer, "readOnly", policy.ReadOnlyPaths);
            writer.WriteEndObject();
        }

        if (policy.Rlimits.Length > 0)
        {
            writer.WriteStartArray("rlimits"u8);
            foreach (Rlimit limit in policy.Rlimits)
            {
                RlimitJson.Write(writer, limit);
            }

            writer.WriteEndArray();
        }

        WriteRequirements(writer, policy);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, MatchClause clause)
    {
        writer.WriteStartObject();
        writer.WriteString("containers"u8, clause.Containers switch
        {
            ContainerKinds.Workload => "workload",
            ContainerKinds.Sandbox => "sandbox",
            _ => "all",
        });
        WriteList(writer, "engines", clause.Engines);
        WriteList(writer, "engineNamespaces", clause.EngineNamespaces);
        WriteList(writer, "namespaces", clause.Namespaces);
        WriteList(writer, "pods", clause.Pods);
        WriteList(writer, "names", clause.Names);
        WriteList(writer, "images", clause.Images);
        WriteList(writer, "hostnames", clause.Hostnames);
        if (clause.Annotations.Length > 0)
        {
            writer.WriteStartObject("annotations"u8);
            foreach ((string key, string value) in clause.Annotations)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        }

        if (clause.Privileged is bool privileged)
        {
            writer.WriteBoolean("privileged"u8, privileged);
        }

        writer.WriteEndObject();
    }

    private static void WriteRequirements(Utf8JsonWriter writer, Policy policy)
    {
        if (policy is { RequireHostNamespaces: null, RequirePrivileged: null, RequireMounts: null, RequireUser: null })
        {
            return;
        }

        writer.WriteStartObject("require"u8);
        if (policy.RequireHostNamespaces is { } namespaces)
        {
            writer.WriteStartObject("hostNamespaces"u8);
            WriteList(writer, "deny", namespaces.Deny);
            WriteOtherwise(writer, namespaces.Otherwise);
            writer.WriteEndObject();
        }

        if (policy.RequirePrivileged is { } privileged)
        {
            writer.WriteStartObject("privileged"u8);
            writer.WriteBoolean("deny"u8, true);
            WriteOtherwise(writer, privileged.Otherwise);
            writer.WriteEndObject();
        }

        if (policy.RequireMounts is { } mounts)
        {
            writer.WriteStartObject("mounts"u8);
            WriteList(writer, "denySources", mounts.DenySources);
            WriteOtherwise(writer, mounts.Otherwise);
            writer.WriteEndObject();
        }

        if (policy.RequireUser is { } user)
        {
            writer.WriteStartObject("user"u8);
            writer.WriteBoolean("nonRoot"u8, true);
            WriteOtherwise(writer, user.Otherwise);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteOtherwise(Utf8JsonWriter writer, Otherwise? otherwise)
    {
        if (otherwise is { } value)
        {
            writer.WriteString("otherwise"u8, value == Otherwise.Refuse ? "refuse" : "report");
        }
    }

    private static void WriteList(Utf8JsonWriter writer, string name, string[] values, bool always = false)
    {
        if (values.Length == 0 && !always)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
