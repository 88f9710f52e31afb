using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Records;

/// <summary>The JSON form of <see cref="ContainerRecord"/>.</summary>
internal static class RecordJson
{
    public static byte[] Write(ContainerRecord record)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteNumber("v"u8, ContainerRecord.Version);
        writer.WriteString("id"u8, record.Id);
        writer.WriteString("root"u8, record.Root);
        writer.WriteString("bundle"u8, record.Bundle);
        writer.WriteNumber("bundleDevice"u8, record.BundleDevice);
        writer.WriteNumber("bundleInode"u8, record.BundleInode);
        writer.WriteString("created"u8, record.Created.UtcDateTime);
        writer.WriteString("decision"u8, record.Decision);
        writer.WriteString("generation"u8, record.Generation);
        WriteTexts(writer, "policies"u8, record.Policies);
        if (record.Ceiling is { } ceiling)
        {
            WriteCeiling(writer, ceiling);
        }

        writer.WriteStartArray("edits"u8);
        foreach (AppliedEdit edit in record.Edits)
        {
            writer.WriteStartObject();
            writer.WriteNumber("at"u8, edit.At);
            writer.WriteNumber("length"u8, edit.Length);
            if (System.Text.Unicode.Utf8.IsValid(edit.Original.Span))
            {
                writer.WriteString("original"u8, edit.Original.Span);
            }
            else
            {
                // Runtimes accept strings that are no UTF-8; as text they could not be given back byte for byte.
                writer.WriteBase64String("originalBase64"u8, edit.Original.Span);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenSpan.ToArray();
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
                case "ceiling":
                    record = record with { Ceiling = ReadCeiling(ref reader) };
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

    private static void WriteCeiling(Utf8JsonWriter writer, Ceiling ceiling)
    {
        writer.WriteStartObject("ceiling"u8);
        writer.WriteStartObject("capabilities"u8);
        for (int i = 0; i < Ceiling.CapabilitySets; i++)
        {
            writer.WriteStartArray(Ceiling.CapabilitySetNames[i]);
            foreach (string name in ceiling.Capabilities[i].ToNames())
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteBoolean("noNewPrivileges"u8, ceiling.NoNewPrivileges);
        writer.WriteString("apparmorProfile"u8, ceiling.AppArmorProfile);
        writer.WriteBoolean("seccomp"u8, ceiling.Seccomp);
        writer.WriteStartArray("rlimits"u8);
        foreach (Rlimit limit in ceiling.Rlimits)
        {
            RlimitJson.Write(writer, limit);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
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
        while (JsonMembers.NextElement(ref reader))
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
                        original = System.Text.Encoding.UTF8.GetBytes(JsonMembers.Text(ref reader, name));
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

    private static void WriteTexts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string[] texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
