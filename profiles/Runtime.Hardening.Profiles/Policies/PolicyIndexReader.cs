using System.Globalization;
using System.Text.Json;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Policies;

/// <summary>The reading half of <see cref="PolicyIndex"/>.</summary>
internal static class PolicyIndexReader
{
    public static PolicyIndex Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        JsonMembers.Open(ref reader, "index.json");
        ulong format = 0;
        uint? checksum = null;
        PolicyIndex? index = null;
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "format":
                    format = JsonMembers.Unsigned(ref reader, name);
                    if (format != PolicyIndex.Format)
                    {
                        throw new JsonException($"its format is {format}, and this version reads {PolicyIndex.Format}");
                    }

                    break;
                case "crc32c":
                    checksum = Hex(ref reader, name);
                    break;
                case "body" when format != 0 && checksum is not null:
                    Utf8JsonReader body = reader;
                    JsonMembers.Skip(ref reader);
                    int start = (int)body.BytesConsumed;
                    ReadOnlySpan<byte> raw = utf8[start..(int)reader.BytesConsumed].TrimStart(":\t\r\n "u8);
                    if (PolicyIndex.Checksum(raw) != checksum)
                    {
                        throw new JsonException("its checksum does not match, so the file is damaged");
                    }

                    index = Body(ref body);
                    break;
                default:
                    throw JsonMembers.Unknown(name, "the index");
            }
        }

        return index ?? throw new JsonException("it has no body");
    }

    private static PolicyIndex Body(ref Utf8JsonReader reader)
    {
        JsonMembers.Open(ref reader, "body");
        string generation = "";
        DateTimeOffset created = default;
        var policies = new List<Policy>();
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "generation":
                    generation = JsonMembers.Text(ref reader, name);
                    break;
                case "created":
                    created = DateTimeOffset.Parse(JsonMembers.Text(ref reader, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
                    break;
                case "policies":
                    JsonMembers.OpenArray(ref reader, name);
                    while (JsonMembers.NextObject(ref reader, name))
                    {
                        policies.Add(ReadPolicy(ref reader));
                    }

                    break;
                default:
                    throw JsonMembers.Unknown(name, "the index");
            }
        }

        return new PolicyIndex(generation, created, [.. policies]);
    }

    private static Policy ReadPolicy(ref Utf8JsonReader reader)
    {
        var policy = new Policy { Name = "" };
        while (JsonMembers.Next(ref reader, out string name))
        {
            policy = name switch
            {
                "name" => policy with { Name = JsonMembers.Text(ref reader, name) },
                "mode" => policy with
                {
                    Mode = JsonMembers.OneOf(ref reader, name, ("enforce", PolicyMode.Enforce), ("audit", PolicyMode.Audit), ("off", PolicyMode.Off)),
                },
                "onError" => policy with
                {
                    OnError = JsonMembers.OneOf(ref reader, name, ("refuse", OnError.Refuse), ("passThrough", OnError.PassThrough)),
                },
                "match" => policy with { Match = ReadMatch(ref reader) },
                "seccomp" => policy with { Seccomp = ReadSeccomp(ref reader) },
                "apparmor" => policy with { AppArmor = ReadAppArmor(ref reader) },
                "capabilities" => policy with { KeepCapabilities = ReadKeep(ref reader) },
                "noNewPrivileges" => policy with { NoNewPrivileges = JsonMembers.Flag(ref reader, name) },
                "rootFilesystem" => policy with { ReadOnlyRootFilesystem = JsonMembers.OneOf(ref reader, name, ("readOnly", true)) },
                "paths" => ReadPaths(ref reader, policy),
                "rlimits" => policy with { Rlimits = ReadRlimits(ref reader) },
                "resources" => policy with { Resources = ResourceBoundsJson.Read(ref reader, name) },
                "require" => RequirementReader.Read(ref reader, policy),
                _ => throw JsonMembers.Unknown(name, "a policy"),
            };
        }

        return policy.Name.Length > 0 ? policy : throw new JsonException("a policy has no name");
    }

    private static MatchClause[] ReadMatch(ref Utf8JsonReader reader)
    {
        JsonMembers.OpenArray(ref reader, "match");
        var clauses = new List<MatchClause>();
        while (JsonMembers.NextObject(ref reader, "match"))
        {
            var clause = new MatchClause();
            while (JsonMembers.Next(ref reader, out string name))
            {
                clause = name switch
                {
                    "engines" => clause with { Engines = JsonMembers.Texts(ref reader, name) },
                    "engineNamespaces" => clause with { EngineNamespaces = JsonMembers.Texts(ref reader, name) },
                    "namespaces" => clause with { Namespaces = JsonMembers.Texts(ref reader, name) },
                    "pods" => clause with { Pods = JsonMembers.Texts(ref reader, name) },
                    "names" => clause with { Names = JsonMembers.Texts(ref reader, name) },
                    "images" => clause with { Images = JsonMembers.Texts(ref reader, name) },
                    "hostnames" => clause with { Hostnames = JsonMembers.Texts(ref reader, name) },
                    "annotations" => clause with { Annotations = ReadAnnotations(ref reader) },
                    "containers" => clause with
                    {
                        Containers = JsonMembers.OneOf(
                            ref reader, name, ("workload", ContainerKinds.Workload), ("sandbox", ContainerKinds.Sandbox), ("all", ContainerKinds.All)),
                    },
                    "privileged" => clause with { Privileged = JsonMembers.Flag(ref reader, name) },
                    _ => throw JsonMembers.Unknown(name, "match"),
                };
            }

            clauses.Add(clause);
        }

        return [.. clauses];
    }

    private static KeyValuePair<string, string>[] ReadAnnotations(ref Utf8JsonReader reader)
    {
        JsonMembers.Open(ref reader, "annotations");
        var annotations = new List<KeyValuePair<string, string>>();
        while (JsonMembers.Next(ref reader, out string key))
        {
            annotations.Add(new(key, JsonMembers.Text(ref reader, key)));
        }

        return [.. annotations];
    }

    private static SeccompDemand ReadSeccomp(ref Utf8JsonReader reader)
    {
        JsonMembers.Open(ref reader, "seccomp");
        string profile = "", file = "";
        uint? checksum = null;
        SeccompByCapability? byCapability = null;
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "byCapability":
                    byCapability = ReadByCapability(ref reader);
                    break;
                case "profile":
                    profile = JsonMembers.Text(ref reader, name);
                    break;
                case "file":
                    file = JsonMembers.Text(ref reader, name);
                    break;
                case "crc32c":
                    checksum = Hex(ref reader, name);
                    break;
                default:
                    throw JsonMembers.Unknown(name, "seccomp");
            }
        }

        return checksum is uint value && file.Length > 0
            ? new SeccompDemand(profile, file, value, byCapability)
            : throw new JsonException("'seccomp' must name a file and its checksum");
    }

    private static SeccompByCapability ReadByCapability(ref Utf8JsonReader reader)
    {
        JsonMembers.Open(ref reader, "byCapability");
        CapabilitySet capabilities = CapabilitySet.None;
        string file = "";
        uint? checksum = null;
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "capabilities":
                    capabilities = ReadCapabilities(ref reader, name);
                    break;
                case "file":
                    file = JsonMembers.Text(ref reader, name);
                    break;
                case "crc32c":
                    checksum = Hex(ref reader, name);
                    break;
                default:
                    throw JsonMembers.Unknown(name, "byCapability");
            }
        }

        return checksum is uint value && file.Length > 0
            ? new SeccompByCapability(capabilities, file, value)
            : throw new JsonException("'byCapability' must name a file and its checksum");
    }

    private static AppArmorDemand ReadAppArmor(ref Utf8JsonReader reader)
    {
        JsonMembers.Open(ref reader, "apparmor");
        string profile = "";
        AppArmorCombine combine = AppArmorCombine.ReplaceDefault;
        Otherwise? otherwise = null;
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "profile":
                    profile = JsonMembers.Text(ref reader, name);
                    break;
                case "combine":
                    combine = JsonMembers.OneOf(
                        ref reader, name, ("replaceDefault", AppArmorCombine.ReplaceDefault), ("stack", AppArmorCombine.Stack));
                    break;
                case "otherwise":
                    otherwise = RequirementReader.ReadOtherwise(ref reader);
                    break;
                default:
                    throw JsonMembers.Unknown(name, "apparmor");
            }
        }

        return profile.Length > 0 ? new AppArmorDemand(profile, combine, otherwise) : throw new JsonException("'apparmor' must name a profile");
    }

    private static CapabilitySet ReadKeep(ref Utf8JsonReader reader)
    {
        JsonMembers.Open(ref reader, "capabilities");
        CapabilitySet? keep = null;
        while (JsonMembers.Next(ref reader, out string name))
        {
            if (name != "keep")
            {
                throw JsonMembers.Unknown(name, "capabilities");
            }

            keep = ReadCapabilities(ref reader, name);
        }

        return keep ?? throw new JsonException("'capabilities' must have 'keep'");
    }

    private static CapabilitySet ReadCapabilities(ref Utf8JsonReader reader, string what)
    {
        CapabilitySet set = CapabilitySet.None;
        foreach (string text in JsonMembers.Texts(ref reader, what))
        {
            set = CapabilitySet.TryParse(text, out CapabilitySet capability)
                ? set.Union(capability)
                : throw new JsonException($"'{text}' is no capability that this version knows");
        }

        return set;
    }

    private static Policy ReadPaths(ref Utf8JsonReader reader, Policy policy)
    {
        JsonMembers.Open(ref reader, "paths");
        while (JsonMembers.Next(ref reader, out string name))
        {
            policy = name switch
            {
                "mask" => policy with { MaskPaths = JsonMembers.Texts(ref reader, name) },
                "readOnly" => policy with { ReadOnlyPaths = JsonMembers.Texts(ref reader, name) },
                _ => throw JsonMembers.Unknown(name, "paths"),
            };
        }

        return policy;
    }

    private static Rlimit[] ReadRlimits(ref Utf8JsonReader reader)
    {
        JsonMembers.OpenArray(ref reader, "rlimits");
        var limits = new List<Rlimit>();
        while (JsonMembers.NextElement(ref reader))
        {
            limits.Add(RlimitJson.Read(ref reader));
        }

        return [.. limits];
    }

    private static uint Hex(ref Utf8JsonReader reader, string what)
        => uint.TryParse(JsonMembers.Text(ref reader, what), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            ? value
            : throw new JsonException($"'{what}' must be 8 hex digits");
}
