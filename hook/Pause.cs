using System.Globalization;
using System.Text.Json;
using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles.Settings;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>Whether an operator has paused hardening on this node: a root-owned file beside hook.json, written by <c>hardenctl node pause</c> or by hand.</summary>
internal static class Pause
{
    /// <summary>The sentence for the journal while the pause holds; null when there is none, or it is over, or what is there is no file of root's or ours alone.</summary>
    public static string? InForce(string settingsPath, DateTimeOffset now)
    {
        string path = settingsPath[..(settingsPath.LastIndexOf('/') + 1)] + NodeSettings.PauseFile;
        Descriptor? opened = Descriptor.TryOpen(Descriptor.CurrentDirectory, path, O_RDONLY | O_NOFOLLOW, out _);
        if (opened is not { } file)
        {
            return null;
        }

        using (file)
        {
            try
            {
                stat status = file.Stat(path);
                return ((uint)status.st_mode & (uint)S_IFMT) == (uint)S_IFREG && Trust.Doubt(status, path) is null ? Read(file.ReadToEnd(path, 512), now) : null;
            }
            catch (SystemCallException)
            {
                return null;   // a file that cannot be read pauses nothing
            }
        }
    }

    private static string? Read(ReadOnlySpan<byte> utf8, DateTimeOffset now)
    {
        string until = "", reason = "";
        try
        {
            var reader = new Utf8JsonReader(utf8);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    bool isUntil = reader.ValueTextEquals("until"u8), isReason = reader.ValueTextEquals("reason"u8);
                    reader.Read();
                    until = isUntil ? reader.GetString() ?? "" : until;
                    reason = isReason ? reader.GetString() ?? "" : reason;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Made by hand, perhaps with a word in it: the file itself is the pause, until it is removed.
            return "hardening is paused on this node";
        }

        if (until.Length == 0)
        {
            return Sentence("until it is resumed", reason);
        }

        return !DateTimeOffset.TryParse(until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset end) || now < end
            ? Sentence($"until {until}", reason)
            : null;
    }

    private static string Sentence(string until, string reason)
        => $"hardening is paused on this node {until}{(reason.Length > 0 ? $": {reason}" : "")}";
}
