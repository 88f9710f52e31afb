using System.Text.Json;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>Who decides about the system calls that a profile answers with NOTIFY (runtime-spec, linux.seccomp.listenerPath).</summary>
public static class SeccompListener
{
    /// <summary>The socket that gets the listener, in any spelling that a runtime takes; null when there is none.</summary>
    /// <param name="seccomp">The value of linux.seccomp.</param>
    /// <exception cref="SpecFormatException">There are two, or it is no string.</exception>
    public static string? PathOf(ReadOnlySpan<byte> seccomp)
    {
        string? path = null;
        var reader = new Utf8JsonReader(seccomp, new JsonReaderOptions { MaxDepth = 1000 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isListener = SpecKeys.Clashes(reader.GetString()!, "listenerPath");
            reader.Read();
            if (isListener && reader.TokenType != JsonTokenType.Null)
            {
                path = path is null && reader.TokenType == JsonTokenType.String
                    ? reader.GetString()
                    : throw new SpecFormatException("linux.seccomp.listenerPath must be one string.");
            }

            reader.Skip();
        }

        return path;
    }
}
