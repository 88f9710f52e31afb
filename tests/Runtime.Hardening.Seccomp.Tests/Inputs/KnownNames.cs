using System.Text.Json.Nodes;

namespace Runtime.Hardening.Seccomp.Tests.Inputs;

/// <summary>Profiles as the system's library takes them: it ignores rules for calls that are newer than itself.</summary>
internal static class KnownNames
{
    /// <summary>The profile without the names that the library does not have.</summary>
    public static string Only(string profile)
    {
        JsonNode root = JsonNode.Parse(profile)!;
        foreach (JsonNode? rule in root["syscalls"]!.AsArray())
        {
            rule!["names"] = new JsonArray([.. rule["names"]!.AsArray().Select(static name => (string)name!).Where(ProfileGen.IsCommon).Select(static name => JsonValue.Create(name))]);
        }

        return root.ToJsonString();
    }
}
