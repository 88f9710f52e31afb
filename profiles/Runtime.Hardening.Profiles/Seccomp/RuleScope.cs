using System.Text.Json;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>
/// For whom a rule of Docker's profile format is meant. <c>includes</c>: all capabilities and one of the architectures must be there; <c>excludes</c>: none of
/// either may. The architecture is the machine's.
/// </summary>
internal static class RuleScope
{
    /// <summary>Whether the rule is for such a container, as its <c>includes</c> say. The reader stands on the value.</summary>
    public static bool Includes(ref Utf8JsonReader reader, CapabilitySet held)
    {
        (string[] capabilities, string[] architectures) = Read(ref reader, "includes");
        return Array.TrueForAll(capabilities, name => IsHeld(name, held))
            && (architectures.Length == 0 || Array.IndexOf(architectures, NativeArchitecture.Docker) >= 0);
    }

    /// <summary>Whether the rule is not for such a container, as its <c>excludes</c> say. The reader stands on the value.</summary>
    public static bool Excludes(ref Utf8JsonReader reader, CapabilitySet held)
    {
        (string[] capabilities, string[] architectures) = Read(ref reader, "excludes");
        return Array.Exists(capabilities, name => IsHeld(name, held)) || Array.IndexOf(architectures, NativeArchitecture.Docker) >= 0;
    }

    /// <summary>The architectures that <c>archMap</c> has for this machine; none when it has no entry for it. The reader stands on the value.</summary>
    public static string[] ReadArchitectures(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw JsonMembers.Unexpected(ref reader, "archMap", "an array");
        }

        string[] found = [];
        while (JsonMembers.NextObject(ref reader, "archMap"))
        {
            string architecture = "";
            string[] others = [];
            while (JsonMembers.Next(ref reader, out string name))
            {
                switch (name)
                {
                    case "architecture":
                        architecture = JsonMembers.Text(ref reader, name);
                        break;
                    case "subArchitectures":
                        Utf8JsonReader value = reader;
                        value.Read();
                        if (value.TokenType == JsonTokenType.Null)
                        {
                            reader = value;   // so Docker's own profile writes an empty list
                            break;
                        }

                        others = JsonMembers.Texts(ref reader, name);
                        break;
                    default:
                        JsonMembers.Skip(ref reader);
                        break;
                }
            }

            found = architecture == NativeArchitecture.Scmp ? [architecture, .. others] : found;
        }

        return found;
    }

    private static (string[] Capabilities, string[] Architectures) Read(ref Utf8JsonReader reader, string what)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw JsonMembers.Unexpected(ref reader, what, "an object");
        }

        string[] capabilities = [], architectures = [];
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "caps":
                    capabilities = JsonMembers.Texts(ref reader, name);
                    break;
                case "arches":
                    architectures = JsonMembers.Texts(ref reader, name);
                    break;
                default:
                    // Another kind of condition (minKernel) is nothing to guess at: a rule that is left out or let in wrongly is a hole or an outage.
                    throw JsonMembers.Unknown(name, what);
            }
        }

        return (capabilities, architectures);
    }

    private static bool IsHeld(string name, CapabilitySet held) => CapabilitySet.TryParse(name, out CapabilitySet capability) && held.Contains(capability);
}
