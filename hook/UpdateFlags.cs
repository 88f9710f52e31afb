using System.Globalization;
using Runtime.Hardening.Profiles;

namespace Runtime.Hardening.Hook;

/// <summary>The flags of an update as the resources that a runtime makes of them, as far as policies bound any of it.</summary>
internal static class UpdateFlags
{
    // Powers of 1024 in runc, which ignores what follows the letter; crun stops reading at the letter, so there it is less.
    private const string Units = "kmgtp";

    /// <summary>JSON like that of --resources.</summary>
    /// <exception cref="Refusal">A value is written in a way that runtimes read differently.</exception>
    public static byte[] ToResources(UpdateArguments update)
    {
        var json = new JsonText(256);
        json.OpenObject();
        Write(json, "pids"u8, ("limit", Number(update, "pids-limit")));
        Write(json, "memory"u8, ("limit", Bytes(update, "memory")), ("swap", Bytes(update, "memory-swap")));
        Write(json, "cpu"u8, ("quota", Number(update, "cpu-quota")), ("period", Number(update, "cpu-period")), ("burst", Number(update, "cpu-burst")));
        json.CloseObject();
        return json.ToArray();
    }

    private static void Write(JsonText json, ReadOnlySpan<byte> section, params ReadOnlySpan<(string Name, string? Value)> members)
    {
        json.OpenObject(section);
        foreach ((string name, string? value) in members)
        {
            if (value is not null)
            {
                json.Name(System.Text.Encoding.ASCII.GetBytes(name));
                json.Raw(System.Text.Encoding.ASCII.GetBytes(value));
            }
        }

        json.CloseObject();
    }

    private static string? Number(UpdateArguments update, string flag)
        => update[flag] switch
        {
            null or "" => null,
            { } text when IsPlain(text) => text,
            { } text => throw Unclear(flag, text, "a plain decimal number"),
        };

    private static string? Bytes(UpdateArguments update, string flag)
    {
        if (update[flag] is not { Length: > 0 } text || IsPlain(text))
        {
            return update[flag] is { Length: > 0 } plain ? plain : null;
        }

        int unit = Units.IndexOf(char.ToLowerInvariant(text[^1]), StringComparison.Ordinal);
        return unit >= 0 && IsPlain(text[..^1]) && ulong.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            && value <= (ulong)long.MaxValue >> ((unit + 1) * 10)
            ? (value << ((unit + 1) * 10)).ToString(CultureInfo.InvariantCulture)
            : throw Unclear(flag, text, "bytes as a plain number, perhaps with one of k, m, g, t, p");
    }

    // Go takes 0x10 and 010 for other numbers than C does.
    private static bool IsPlain(string text)
    {
        ReadOnlySpan<char> digits = text.AsSpan(text[0] == '-' ? 1 : 0);
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9') && (digits[0] != '0' || text.Length == 1)
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
    }

    private static Refusal Unclear(string flag, string text, string expected)
        => new($"--{flag} '{text}' cannot be compared with what policy allows this container; write {expected}");
}
