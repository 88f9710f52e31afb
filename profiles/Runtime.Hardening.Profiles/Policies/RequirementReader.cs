using System.Text.Json;

namespace Runtime.Hardening.Profiles.Policies;

/// <summary>The <c>require</c> part of a policy in an index.</summary>
internal static class RequirementReader
{
    public static Policy Read(ref Utf8JsonReader reader, Policy policy)
    {
        JsonMembers.Open(ref reader, "require");
        while (JsonMembers.Next(ref reader, out string name))
        {
            (string[] list, Otherwise otherwise) = ReadOne(ref reader, name);
            policy = name switch
            {
                "hostNamespaces" => policy with { RequireHostNamespaces = new HostNamespacesRequirement(list, otherwise) },
                "privileged" => policy with { RequirePrivileged = new PrivilegedRequirement(otherwise) },
                "mounts" => policy with { RequireMounts = new MountsRequirement(list, otherwise) },
                "user" => policy with { RequireUser = new UserRequirement(otherwise) },
                _ => throw JsonMembers.Unknown(name, "require"),
            };
        }

        return policy;
    }

    public static Otherwise ReadOtherwise(ref Utf8JsonReader reader)
        => JsonMembers.OneOf(ref reader, "otherwise", ("refuse", Otherwise.Refuse), ("report", Otherwise.Report));

    private static (string[] List, Otherwise Otherwise) ReadOne(ref Utf8JsonReader reader, string requirement)
    {
        JsonMembers.Open(ref reader, requirement);
        string[] list = [];
        Otherwise otherwise = Otherwise.Refuse;
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (requirement, name)
            {
                case (_, "otherwise"):
                    otherwise = ReadOtherwise(ref reader);
                    break;
                case ("hostNamespaces", "deny"):
                case ("mounts", "denySources"):
                    list = JsonMembers.Texts(ref reader, name);
                    break;
                case ("privileged", "deny"):
                case ("user", "nonRoot"):
                    if (!JsonMembers.Flag(ref reader, name))
                    {
                        throw new JsonException($"'{requirement}.{name}' can only be true in a compiled policy");
                    }

                    break;
                default:
                    throw JsonMembers.Unknown(name, $"require.{requirement}");
            }
        }

        return (list, otherwise);
    }
}
