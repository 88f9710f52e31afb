using System.Text.Json;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Records;

/// <summary>
/// What a runtime itself keeps of a container that it created: runc its own form of the configuration (state.json), crun a copy of the spec (config.json).
/// From either the ceiling of an exec can be rebuilt when our record is gone, or the container is older than we are.
/// </summary>
public static class RuntimeStateFile
{
    /// <summary>runc's file in the container's folder below the state root.</summary>
    public const string Runc = "state.json";

    /// <summary>crun's file there: the spec as it was created with.</summary>
    public const string Crun = "config.json";

    /// <summary>The ceiling that runc's state tells.</summary>
    /// <exception cref="HardeningFormatException">It is not what runc 1.1 to 1.5 write.</exception>
    public static Ceiling ReadRunc(ReadOnlySpan<byte> utf8)
    {
        try
        {
            Ceiling? ceiling = null;
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 1000 });
            JsonMembers.Open(ref reader, Runc);
            while (JsonMembers.Next(ref reader, out string name))
            {
                if (name == "config")
                {
                    ceiling = ReadConfig(ref reader);
                }
                else
                {
                    JsonMembers.Skip(ref reader);
                }
            }

            return ceiling ?? throw new JsonException("it has no 'config'");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new HardeningFormatException($"{Runc} is not what runc writes: {e.Message}.", e);
        }
    }

    private static Ceiling ReadConfig(ref Utf8JsonReader reader)
    {
        var capabilities = new CapabilitySet[Ceiling.CapabilitySets];
        bool noNewPrivileges = false, seccomp = false;
        string profile = "";
        var limits = new List<Rlimit>();
        JsonMembers.Open(ref reader, "config");
        while (JsonMembers.Next(ref reader, out string name))
        {
            reader.Read();
            switch (name)
            {
                // runc leaves out, or writes null for, what the spec did not have: no capabilities at all, then.
                case "capabilities" when reader.TokenType == JsonTokenType.StartObject:
                    ReadCapabilities(ref reader, capabilities);
                    break;
                case "no_new_privileges":
                    noNewPrivileges = reader.TokenType == JsonTokenType.True;
                    break;
                case "apparmor_profile":
                    profile = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
                    break;
                case "seccomp":
                    seccomp = reader.TokenType == JsonTokenType.StartObject;
                    reader.Skip();
                    break;
                case "rlimits" when reader.TokenType == JsonTokenType.StartArray:
                    ReadLimits(ref reader, limits);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new Ceiling { Capabilities = capabilities, NoNewPrivileges = noNewPrivileges, AppArmorProfile = profile, Seccomp = seccomp, Rlimits = [.. limits] };
    }

    // The sets are spelled with a capital letter.
    private static void ReadCapabilities(ref Utf8JsonReader reader, CapabilitySet[] sets)
    {
        while (JsonMembers.Next(ref reader, out string name))
        {
            int index = -1;
            for (int i = 0; i < Ceiling.CapabilitySets; i++)
            {
                if (SpecKeys.Clashes(name, Ceiling.CapabilitySetNames[i]))
                {
                    index = i;
                }
            }

            reader.Read();
            if (index < 0 || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (JsonMembers.NextElement(ref reader))
            {
                if (CapabilitySet.TryParse(reader.GetString() ?? "", out CapabilitySet capability))
                {
                    sets[index] = sets[index].Union(capability);
                }
            }
        }
    }

    // The types are the kernel's numbers.
    private static void ReadLimits(ref Utf8JsonReader reader, List<Rlimit> limits)
    {
        while (JsonMembers.NextObject(ref reader, "rlimits"))
        {
            ulong type = ulong.MaxValue, soft = 0, hard = 0;
            while (JsonMembers.Next(ref reader, out string name))
            {
                switch (name)
                {
                    case "type":
                        type = JsonMembers.Unsigned(ref reader, name);
                        break;
                    case "soft":
                        soft = JsonMembers.Unsigned(ref reader, name);
                        break;
                    case "hard":
                        hard = JsonMembers.Unsigned(ref reader, name);
                        break;
                    default:
                        JsonMembers.Skip(ref reader);
                        break;
                }
            }

            if (type < (ulong)Rlimit.KnownTypes.Length)
            {
                limits.Add(new Rlimit(Rlimit.KnownTypes[(int)type], soft, hard));
            }
        }
    }
}
