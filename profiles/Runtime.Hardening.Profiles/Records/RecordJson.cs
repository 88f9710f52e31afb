using System.Globalization;
using System.Text;
using System.Text.Json;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Records;

/// <summary>The JSON form of <see cref="ContainerRecord"/>.</summary>
internal static class RecordJson
{
    public static byte[] Write(ContainerRecord record)
    {
        var writer = new JsonText(4096);
        writer.OpenObject();
        writer.Member("v"u8, (ulong)ContainerRecord.Version);
        writer.Member("id"u8, record.Id);
        writer.Member("root"u8, record.Root);
        writer.Member("bundle"u8, record.Bundle);
        writer.Member("bundleDevice"u8, record.BundleDevice);
        writer.Member("bundleInode"u8, record.BundleInode);
        writer.Member("created"u8, record.Created);
        writer.Member("decision"u8, record.Decision);
        writer.Member("generation"u8, record.Generation);
        writer.Member("policies"u8, record.Policies);
        if (record.SaidUpdate)
        {
            writer.Member("saidUpdate"u8, true);
        }

        if (record.Ceiling is { } ceiling)
        {
            WriteCeiling(writer, ceiling);
        }

        if (record.Confinement is { } confinement)
        {
            ConfinementJson.Write(writer, confinement);
        }

        writer.OpenArray("edits"u8);
        foreach (AppliedEdit edit in record.Edits)
        {
            writer.OpenObject();
            writer.Member("at"u8, (ulong)edit.At);
            writer.Member("length"u8, (ulong)edit.Length);
            if (System.Text.Unicode.Utf8.IsValid(edit.Original.Span))
            {
                writer.Name("original"u8);
                writer.Text(edit.Original.Span);
            }
            else
            {
                // Runtimes accept strings that are no UTF-8; as text they could not be given back byte for byte.
                writer.Member("originalBase64"u8, Convert.ToBase64String(edit.Original.Span));
            }

            writer.CloseObject();
        }

        writer.CloseArray();
        writer.CloseObject();
        return writer.ToArray();
    }

    public static ContainerRecord Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        JsonMembers.Open(ref reader, "record");
        var record = new ContainerRecord { Id = "", Root = "", Bundle = "", Decision = "" };
        ulong version = 0;
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "v":
                    version = JsonMembers.Unsigned(ref reader, name);
                    break;
                case "id":
                    record = record with { Id = JsonMembers.Text(ref reader, name) };
                    break;
                case "root":
                    record = record with { Root = JsonMembers.Text(ref reader, name) };
                    break;
                case "bundle":
                    record = record with { Bundle = JsonMembers.Text(ref reader, name) };
                    break;
                case "bundleDevice":
                    record = record with { BundleDevice = JsonMembers.Unsigned(ref reader, name) };
                    break;
                case "bundleInode":
                    record = record with { BundleInode = JsonMembers.Unsigned(ref reader, name) };
                    break;
                case "created":
                    record = record with
                    {
                        Created = DateTimeOffset.Parse(JsonMembers.Text(ref reader, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                    };
                    break;
                case "decision":
                    record = record with { Decision = JsonMembers.Text(ref reader, name) };
                    break;
                case "generation":
                    record = record with { Generation = JsonMembers.Text(ref reader, name) };
                    break;
                case "policies":
                    record = record with { Policies = JsonMembers.Texts(ref reader, name) };
                    break;
                case "saidUpdate":
                    record = record with { SaidUpdate = JsonMembers.Flag(ref reader, name) };
                    break;
                case "ceiling":
                    record = record with { Ceiling = ReadCeiling(ref reader) };
                    break;
                case "confinement":
                    record = record with { Confinement = ConfinementJson.Read(ref reader) };
                    break;
                case "edits":
                    record = record with { Edits = ReadEdits(ref reader) };
                    break;
                default:
                    JsonMembers.Skip(ref reader);
                    break;
            }
        }

        return version == ContainerRecord.Version
            ? record
            : throw new JsonException($"its version is {version}, and this program reads {ContainerRecord.Version}");
    }

    private static void WriteCeiling(JsonText writer, Ceiling ceiling)
    {
        writer.OpenObject("ceiling"u8);
        writer.OpenObject("capabilities"u8);
        for (int i = 0; i < Ceiling.CapabilitySets; i++)
        {
            writer.Member(Encoding.ASCII.GetBytes(Ceiling.CapabilitySetNames[i]), ceiling.Capabilities[i].ToNames());
        }

        writer.CloseObject();
        writer.Member("noNewPrivileges"u8, ceiling.NoNewPrivileges);
        writer.Member("apparmorProfile"u8, ceiling.AppArmorProfile);
        writer.Member("seccomp"u8, ceiling.Seccomp);
        writer.OpenArray("rlimits"u8);
        foreach (Rlimit limit in ceiling.Rlimits)
        {
            RlimitJson.Write(writer, limit);
        }

        writer.CloseArray();
        ResourceBoundsJson.WriteMember(writer, ceiling.Resources);
        writer.CloseObject();
    }

    private static Ceiling ReadCeiling(ref Utf8JsonReader reader)
    {
        JsonMembers.Open(ref reader, "ceiling");
        var ceiling = new Ceiling();
        while (JsonMembers.Next(ref reader, out string name))
        {
            switch (name)
            {
                case "capabilities":
                    ceiling = ceiling with { Capabilities = ReadCapabilities(ref reader) };
                    break;
                case "noNewPrivileges":
                    ceiling = ceiling with { NoNewPrivileges = JsonMembers.Flag(ref reader, name) };
                    break;
                case "apparmorProfile":
                    ceiling = ceiling with { AppArmorProfile = JsonMembers.Text(ref reader, name) };
                    break;
                case "seccomp":
                    ceiling = ceiling with { Seccomp = JsonMembers.Flag(ref reader, name) };
                    break;
                case "rlimits":
                    JsonMembers.OpenArray(ref reader, name);
                    var limits = new List<Rlimit>();
                    while (JsonMembers.NextElement(ref reader))
                    {
                        limits.Add(RlimitJson.Read(ref reader));
                    }

                    ceiling = ceiling with { Rlimits = [.. limits] };
                    break;
                case "resources":
                    ceiling = ceiling with { Resources = ResourceBoundsJson.Read(ref reader, name) };
                    break;
                default:
                    // A ceiling of a newer version may hold back more than we understand; execs under it must not be widened by us.
                    throw JsonMembers.Unknown(name, "the ceiling");
            }
        }

        return ceiling;
    }

    private static CapabilitySet[] ReadCapabilities(ref Utf8JsonReader reader)
    {
        JsonMembers.Open(ref reader, "capabilities");
        var sets = new CapabilitySet[Ceiling.CapabilitySets];
        while (JsonMembers.Next(ref reader, out string name))
        {
            int index = Ceiling.CapabilitySetNames.IndexOf(name);
            if (index < 0)
            {
                throw JsonMembers.Unknown(name, "capabilities");
            }

            foreach (string text in JsonMembers.Texts(ref reader, name))
            {
                if (CapabilitySet.TryParse(text, out CapabilitySet capability))
                {
                    sets[index] = sets[index].Union(capability);
                }
            }
        }

        return sets;
    }

    private static AppliedEdit[] ReadEdits(ref Utf8JsonReader reader)
    {
        JsonMembers.OpenArray(ref reader, "edits");
        var edits = new List<AppliedEdit>();
        while (JsonMembers.NextObject(ref reader, "edits"))
        {
            int at = 0, length = 0;
            byte[] original = [];
            while (JsonMembers.Next(ref reader, out string name))
            {
                switch (name)
                {
                    case "at":
                        at = checked((int)JsonMembers.Unsigned(ref reader, name));
                        break;
                    case "length":
                        length = checked((int)JsonMembers.Unsigned(ref reader, name));
                        break;
                    case "original":
                        original = Encoding.UTF8.GetBytes(JsonMembers.Text(ref reader, name));
                        break;
                    case "originalBase64":
                        original = Convert.FromBase64String(JsonMembers.Text(ref reader, name));
                        break;
                    default:
                        JsonMembers.Skip(ref reader);
                        break;
                }
            }

            edits.Add(new AppliedEdit(at, length, original));
        }

        return [.. edits];
    }
}
