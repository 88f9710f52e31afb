using System.Text;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Docker;
using Runtime.Hardening.Authoring.Seccomp.Kubernetes;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>The formats that a profile can be converted between.</summary>
public enum ProfileFormat
{
    /// <summary>The value of linux.seccomp in a config.json.</summary>
    Oci,

    /// <summary>What Docker and Podman read.</summary>
    Docker,

    /// <summary>The resource SeccompProfile of the security-profiles-operator, as YAML.</summary>
    Kubernetes,
}

/// <summary>Reads a profile in any format, and writes it in any.</summary>
public static class ProfileConverter
{
    /// <summary>Reads a profile that depends on no container, whatever its format is, in the OCI form.</summary>
    /// <returns>Null after a finding.</returns>
    public static ProfileDocument? Read(string path, LintReport report)
    {
        if (ProfileDocument.ReadBytes(path, report) is not { } bytes)
        {
            return null;
        }

        return IsJson(path, bytes) ? ReadJson(path, bytes, report)
            : TextSource.Decode(path, bytes, report) is { } text ? KubernetesReader.Read(path, text, report)
            : null;
    }

    /// <summary>The profile in another format; complete only when the report has no errors.</summary>
    /// <param name="profile">In the OCI form, without errors of form.</param>
    /// <param name="format">The wanted one.</param>
    /// <param name="name">The name of a Kubernetes resource.</param>
    /// <param name="version">The version of a Kubernetes resource.</param>
    /// <param name="report">Receives what cannot be said in that format.</param>
    public static string Write(ProfileDocument profile, ProfileFormat format, string name, string version, LintReport report)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return format switch
        {
            ProfileFormat.Kubernetes => KubernetesWriter.Write(profile, name, version, report),
            ProfileFormat.Docker => DockerFormat.Of(profile).ToText(),
            _ => profile.Json.ToText(),
        };
    }

    /// <summary>JSON for people, as all commands write it.</summary>
    public static string ToText(JObject profile) => JsonWriting.ToText(profile);

    private static ProfileDocument? ReadJson(string path, byte[] bytes, LintReport report)
    {
        if (JsonTree.Read(path, bytes, report) is not { } json)
        {
            return null;
        }

        if (json is JObject resource && resource.ContainsKey("kind"))
        {
            return KubernetesReader.Read(path, Encoding.UTF8.GetString(bytes), report);   // JSON is YAML
        }

        int before = report.ErrorCount;
        if (ProfileDocument.Of(path, json, ProfileDialect.Docker, report) is not { } docker || report.ErrorCount > before)
        {
            return null;
        }

        if (DockerResolver.Unsettled(docker) is { } open)
        {
            report.Error("depends-on-container", open.Place(), open.Name == "archMap"
                ? "'archMap' has no entry for this machine's architecture, so what the profile is depends on the host. Settle it first: hardenctl seccomp resolve --arch ARCH."
                : $"'{open.Name}' makes this entry depend on the container or the host. Settle that first: hardenctl seccomp resolve.");
            return null;
        }

        if (docker.Json["archMap"] is JArray { Count: > 1 } hosts)
        {
            report.Warning("depends-on-host", hosts.Place(), $"'archMap' is for several hosts, and this takes the entry for {DockerArchitecture.Native.Name}. For another: hardenctl seccomp resolve --arch ARCH.");
        }

        JObject settled = DockerResolver.Resolve(docker, new DockerContainer([], DockerArchitecture.Native, KernelVersion.Native));
        if (docker.Json[Checks.ProfileWords.Remarks] is { } remarks)
        {
            settled.AddFirst(new JProperty(Checks.ProfileWords.Remarks, remarks.DeepClone()));
        }

        return ProfileDocument.Of(path, settled, ProfileDialect.Oci, report);
    }

    // What calls itself JSON is judged as that: "this is not YAML" would help nobody who began the file with a comment.
    internal static bool IsJson(string path, ReadOnlySpan<byte> bytes)
    {
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        ReadOnlySpan<byte> text = (bytes.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? bytes[3..] : bytes).TrimStart(" \t\r\n"u8);
        return text.IsEmpty || text[0] is (byte)'{' or (byte)'[' or (byte)'"';
    }
}
