using System.Text.Json;

namespace Runtime.Hardening.Profiles.Spec;

/// <summary>
/// A read-only view over the bytes of a config.json, or of a process.json: where the places of <see cref="SpecPath"/> stand. Nothing is decoded until
/// somebody asks, and nothing is ever written.
/// </summary>
public sealed class ContainerSpec
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Range[] _places;
    private readonly bool[] _present;

    internal ContainerSpec(ReadOnlyMemory<byte> bytes, SpecPath document, Range[] places, bool[] present)
    {
        _bytes = bytes;
        Document = document;
        _places = places;
        _present = present;
    }

    /// <summary>What the document is: <see cref="SpecPath.Document"/> for config.json, <see cref="SpecPath.Process"/> for process.json, <see cref="SpecPath.Resources"/> for an update.</summary>
    public SpecPath Document { get; }

    /// <summary>The document as it was read.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>Reads a bundle's config.json.</summary>
    /// <exception cref="SpecFormatException">It is no JSON object, or runtimes would disagree on a place that we manage (a key twice, or in another case).</exception>
    public static ContainerSpec Parse(ReadOnlyMemory<byte> utf8) => SpecScanner.Scan(utf8, SpecPath.Document, "config.json");

    /// <summary>Reads the process of an exec.</summary>
    /// <exception cref="SpecFormatException">As for <see cref="Parse"/>.</exception>
    public static ContainerSpec ParseProcess(ReadOnlyMemory<byte> utf8) => SpecScanner.Scan(utf8, SpecPath.Process, "process.json");

    /// <summary>Reads the resources of an update: what stands at linux.resources in a config.json.</summary>
    /// <exception cref="SpecFormatException">As for <see cref="Parse"/>.</exception>
    public static ContainerSpec ParseResources(ReadOnlyMemory<byte> utf8) => SpecScanner.Scan(utf8, SpecPath.Resources, "the resources of the update");

    /// <summary>Whether the member is there with a value other than null: runtimes treat null as absent.</summary>
    public bool Has(SpecPath path) => _present[(int)path] && !Raw(path).SequenceEqual("null"u8);

    /// <summary>Whether the member is there, be it with null.</summary>
    public bool IsPresent(SpecPath path) => _present[(int)path];

    /// <summary>Where the value stands. Only for places that are present.</summary>
    public Range Place(SpecPath path) => _places[(int)path];

    /// <summary>The value's bytes as they stand; empty when absent.</summary>
    public ReadOnlySpan<byte> Raw(SpecPath path) => _present[(int)path] ? Bytes[_places[(int)path]] : default;

    /// <summary>The value's bytes as they stand; empty when absent.</summary>
    public ReadOnlyMemory<byte> RawMemory(SpecPath path) => _present[(int)path] ? _bytes[_places[(int)path]] : default;

    /// <summary>A string value, or null when absent.</summary>
    /// <exception cref="SpecFormatException">The value is no string.</exception>
    public string? Text(SpecPath path)
    {
        if (!Has(path))
        {
            return null;
        }

        var reader = new Utf8JsonReader(Raw(path));
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? Unicode(ref reader, path) : throw NotA(path, "a string", JsonKind.Of(reader));
    }

    /// <summary>A boolean value; false when absent.</summary>
    /// <exception cref="SpecFormatException">The value is no boolean.</exception>
    public bool Flag(SpecPath path)
    {
        if (!Has(path))
        {
            return false;
        }

        ReadOnlySpan<byte> raw = Raw(path);
        return raw.SequenceEqual("true"u8) || (raw.SequenceEqual("false"u8) ? false : throw NotA(path, "true or false", null));
    }

    /// <summary>A whole number, or null when absent.</summary>
    /// <exception cref="SpecFormatException">The value is no whole number from 0 to 2^64-1.</exception>
    public ulong? Number(SpecPath path)
    {
        if (!Has(path))
        {
            return null;
        }

        var reader = new Utf8JsonReader(Raw(path));
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out ulong value)
            ? value
            : throw NotA(path, "a whole number", JsonKind.Of(reader));
    }

    /// <summary>A whole number that may be negative, or null when absent.</summary>
    /// <exception cref="SpecFormatException">The value is no whole number from -2^63 to 2^63-1.</exception>
    public long? SignedNumber(SpecPath path)
    {
        if (!Has(path))
        {
            return null;
        }

        var reader = new Utf8JsonReader(Raw(path));
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value)
            ? value
            : throw NotA(path, "a whole number of 64 bits", JsonKind.Of(reader));
    }

    /// <summary>The elements of an array of strings; empty when absent.</summary>
    /// <exception cref="SpecFormatException">The value is no array of strings.</exception>
    public string[] Texts(SpecPath path)
    {
        if (!Has(path))
        {
            return [];
        }

        var reader = new Utf8JsonReader(Raw(path));
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw NotA(path, "an array", JsonKind.Of(reader));
        }

        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            texts.Add(reader.TokenType == JsonTokenType.String ? Unicode(ref reader, path) : throw NotA(path, "an array of strings", JsonKind.Of(reader)));
        }

        return [.. texts];
    }

    /// <summary>The resource limits of the process; empty when absent.</summary>
    /// <exception cref="SpecFormatException">The value is no array of limits.</exception>
    public Rlimit[] Rlimits()
    {
        if (!Has(SpecPath.Rlimits))
        {
            return [];
        }

        try
        {
            var reader = new Utf8JsonReader(Raw(SpecPath.Rlimits));
            JsonMembers.OpenArray(ref reader, "process.rlimits");
            var limits = new List<Rlimit>();
            while (JsonMembers.NextElement(ref reader))
            {
                limits.Add(RlimitJson.Read(ref reader));
            }

            return [.. limits];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SpecFormatException($"{SpecPath.Rlimits.Text()}: {e.Message}.");
        }
    }

    /// <summary>One of the five capability sets; whatever some runtime would take for a capability counts; names that none knows are left out.</summary>
    /// <exception cref="SpecFormatException">The value is no array of strings.</exception>
    public CapabilitySet CapabilitySet(SpecPath path)
    {
        CapabilitySet set = Spec.CapabilitySet.None;
        foreach (string name in Texts(path))
        {
            if (Spec.CapabilitySet.TryRead(name, out CapabilitySet capability))
            {
                set = set.Union(capability);
            }
        }

        return set;
    }

    // The reader accepts strings that it cannot decode (stray bytes, half a surrogate pair).
    private static string Unicode(ref Utf8JsonReader reader, SpecPath path)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw NotA(path, "valid Unicode", null);
        }
    }

    private static SpecFormatException NotA(SpecPath path, string expected, string? found)
        => new($"{path.Text()} must be {expected}{(found is null ? "" : $", but is {found}")}.");
}
