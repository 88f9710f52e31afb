using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Checks;

namespace Runtime.Hardening.Authoring.Seccomp.Docker;

/// <summary>
/// Makes of a profile in Docker's format what the engine would put into linux.seccomp of a container, by the engine's own rules: excludes are asked before includes, one
/// excluded capability is enough, all included ones must be there, and archMap gives the architectures of the host's entry.
/// </summary>
public static class DockerResolver
{
    // Podman has the errno by name, too; the number beside it says the same.
    private static readonly string[] s_droppedOfRoot = ["archMap", "defaultErrno", ProfileWords.Remarks];
    private static readonly string[] s_droppedOfRule = [.. ProfileWords.DockerRuleFields, "errno"];

    /// <summary>The value of linux.seccomp. Members that nobody knows are kept.</summary>
    /// <param name="profile">A profile without errors of form.</param>
    /// <param name="container">What it is for.</param>
    public static JObject Resolve(ProfileDocument profile, DockerContainer container)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(container);
        JObject resolved = [];
        resolved.Put(profile.Json.Place());
        foreach (JProperty member in profile.Json.Properties())
        {
            if (member.Name == "archMap" && Architectures(member.Value, container.Architecture) is { Count: > 0 } architectures)
            {
                resolved.Remove("architectures");   // an empty one beside the map
                resolved.Add("architectures", architectures);
            }
            else if (member.Name == "syscalls" && member.Value is JArray rules)
            {
                resolved.Add("syscalls", new JArray(rules.OfType<JObject>().Where(r => IsFor(r, container)).Select(Rule)));
            }
            else if (!s_droppedOfRoot.Contains(member.Name) && !resolved.ContainsKey(member.Name))
            {
                resolved.Add(member.DeepClone());
            }
        }

        return resolved;
    }

    /// <summary>The first thing that depends on the container or the host: a condition of an entry, or an archMap without an entry for this machine; null when nothing does.</summary>
    internal static JProperty? Unsettled(ProfileDocument profile)
        => profile.Rules.SelectMany(static r => r.Json.Properties()).FirstOrDefault(static p => p.Name is "includes" or "excludes" && p.Value is JObject { HasValues: true })
            ?? (profile.Json.Property("archMap", StringComparison.Ordinal) is { Value: JArray { Count: > 0 } } map && Architectures(map.Value, DockerArchitecture.Native).Count == 0 ? map : null);

    private static JArray Architectures(JToken map, DockerArchitecture own)
    {
        JArray architectures = [];
        if ((map as JArray)?.OfType<JObject>().FirstOrDefault(entry => own.Scmp is not null && (string?)entry["architecture"] == own.Scmp) is { } entry)
        {
            architectures.Add(entry["architecture"]!.DeepClone());
            foreach (JToken other in entry["subArchitectures"] as JArray ?? [])
            {
                architectures.Add(other.DeepClone());
            }

            architectures.Put(entry.Place());
        }

        return architectures;
    }

    private static bool IsFor(JObject rule, DockerContainer container)
    {
        if (rule["excludes"] is JObject excludes
            && (Texts(excludes, "arches").Contains(container.Architecture.Name)
                || Texts(excludes, "caps").Any(container.Capabilities.Contains)
                || (Kernel(excludes) is { } before && before.IsAtMost(container.Kernel))))
        {
            return false;
        }

        if (rule["includes"] is not JObject includes)
        {
            return true;
        }

        string[] arches = Texts(includes, "arches");
        return (arches.Length == 0 || arches.Contains(container.Architecture.Name))
            && Texts(includes, "caps").All(container.Capabilities.Contains)
            && (Kernel(includes) is not { } since || since.IsAtMost(container.Kernel));
    }

    private static JObject Rule(JObject rule)
    {
        JObject settled = (JObject)rule.DeepClone();
        if (settled["name"] is JValue { Value: string name } single)
        {
            JArray names = [new JValue(name)];
            names[0].Put(single.Place());
            settled.Remove("names");
            settled.AddFirst(new JProperty("names", names));
        }

        foreach (string field in s_droppedOfRule)
        {
            settled.Remove(field);
        }

        return settled;
    }

    private static KernelVersion? Kernel(JObject filter)
        => (string?)filter["minKernel"] is { } text && DockerForm.ParseKernel(text) is ({ } kernel, { } major) ? new KernelVersion(kernel, major) : null;

    private static string[] Texts(JObject filter, string field) => [.. (filter[field] as JArray ?? []).Select(static item => (string)item!)];
}
