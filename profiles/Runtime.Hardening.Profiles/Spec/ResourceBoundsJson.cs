using System.Text.Json;

namespace Runtime.Hardening.Profiles.Spec;

/// <summary>The JSON form of <see cref="ResourceBounds"/> in index.json and in records. Both are strict about it: a bound that is skipped is a bound lifted.</summary>
internal static class ResourceBoundsJson
{
    /// <summary>Reads the object that is the next token.</summary>
    public static ResourceBounds Read(ref Utf8JsonReader reader, string what)
    {
        JsonMembers.Open(ref reader, what);
        var limits = new ResourceBounds(null, null, null);
        while (JsonMembers.Next(ref reader, out string name))
        {
            limits = name switch
            {
                "pidsMax" => limits with { PidsMax = Positive(ref reader, name) },
                "memoryMax" => limits with { MemoryMax = Positive(ref reader, name) },
                "cpuMaxMilli" => limits with { CpuMaxMilli = Positive(ref reader, name) },
                _ => throw JsonMembers.Unknown(name, what),
            };
        }

        return limits;
    }

    /// <summary>Writes the member <c>resources</c>, unless nothing is bounded.</summary>
    public static void WriteMember(JsonText writer, ResourceBounds? limits)
    {
        if (limits is null or { IsEmpty: true })
        {
            return;
        }

        writer.OpenObject("resources"u8);
        Write(writer, "pidsMax"u8, limits.PidsMax);
        Write(writer, "memoryMax"u8, limits.MemoryMax);
        Write(writer, "cpuMaxMilli"u8, limits.CpuMaxMilli);
        writer.CloseObject();
    }

    private static void Write(JsonText writer, ReadOnlySpan<byte> name, ulong? value)
    {
        if (value is { } limit)
        {
            writer.Member(name, limit);
        }
    }

    // Runtimes count in signed numbers, and take 0 for no limit.
    private static ulong Positive(ref Utf8JsonReader reader, string what)
        => JsonMembers.Unsigned(ref reader, what) is var value and > 0 and <= long.MaxValue
            ? value
            : throw new JsonException($"'{what}' must be a whole number from 1 to {long.MaxValue}");
}
